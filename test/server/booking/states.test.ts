import t from 'tap';
import type { BookingStatus } from '../../../server/booking/booking.js';
import { advance, hasEnded, type Trigger } from '../../../server/booking/states.js';

const states: BookingStatus[] = ['inProgress', 'capturing', 'confirmed', 'expired', 'cancelled', 'failed', 'refunded'];
const triggers: Trigger[] = ['authorised', 'paid', 'abandoned', 'withdrawn', 'refused', 'retaken', 'refunded'];

t.test('a trigger that comes twice changes nothing the second time', async (t) => {
  for (const from of states) {
    for (const trigger of triggers) {
      const to = advance(from, trigger);
      if (to) t.equal(advance(to, trigger), undefined, `${from} ${trigger} ${to}`);
    }
  }
});

t.test('only a retake leads out of an end, and never out of what the buyer withdrew', async (t) => {
  for (const from of states.filter((state) => hasEnded(state) || state === 'refunded')) {
    for (const trigger of triggers.filter((each) => each !== 'retaken')) t.equal(advance(from, trigger), undefined);
  }
  t.equal(advance('cancelled', 'retaken'), undefined);
});

t.test('whatever came before, money confirms an undecided booking', async (t) => {
  t.equal(advance('inProgress', 'paid'), 'confirmed');
  t.equal(advance('capturing', 'paid'), 'confirmed');
  t.equal(advance('confirmed', 'abandoned'), undefined);
});
