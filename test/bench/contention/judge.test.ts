import t from 'tap';
import { Judge } from '../../../bench/contention/judge.js';

const KEEP_MS = 1_000;
const SEAT = 3;

/** Held at 1,000, let go at 2,000, seen free at 2,002. */
function released(): Judge {
  const judge = new Judge(KEEP_MS);
  judge.held(SEAT, 1_000);
  judge.letGo(SEAT);
  return judge;
}

t.test('a refusal after the seat was seen free is stale when nobody had taken it', async (t) => {
  const judge = released();
  judge.refused(SEAT, 2_002, 2_010);
  judge.held(SEAT, 2_050);
  t.equal(judge.staleRefusals(), 1);
});

t.test('it is not when somebody was faster, even before the buyer saw it free', async (t) => {
  const judge = released();
  judge.refused(SEAT, 2_002, 2_010);
  judge.held(SEAT, 2_001);
  t.equal(judge.staleRefusals(), 0);
});

t.test('who has another seat does not matter', async (t) => {
  const judge = released();
  judge.refused(SEAT, 2_002, 2_010);
  judge.held(SEAT + 1, 2_001);
  t.equal(judge.staleRefusals(), 1);
});

t.test('a seat given to a second buyer before the first has let it go is held twice', async (t) => {
  const judge = released();
  judge.held(SEAT, 2_001);
  t.equal(judge.heldTwice, 0);
  judge.held(SEAT, 2_002);
  t.equal(judge.heldTwice, 1);
});
