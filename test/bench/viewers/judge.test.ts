import t from 'tap';
import { type Change, changesSeen, delays, type MapFrame, replay } from '../../../bench/viewers/judge.js';
import { encodeChanges } from '../../../protocol/diff.js';
import { packedBytes, Status, setStatus } from '../../../protocol/status.js';

const head = { event: 'evt_a', epoch: 1, digest: 0, areas: [] };

function diff(
  fromSeq: number,
  toSeq: number,
  changes: readonly (readonly [index: number, status: Status])[],
): MapFrame {
  const list = changes.map(([index, status]) => ({ index, status }));
  return { type: 'diff', ...head, fromSeq, toSeq, changes: encodeChanges(list, list.length) };
}

function snapshot(seq: number, held: readonly number[]): MapFrame {
  const status = new Uint8Array(packedBytes(16));
  for (const seat of held) setStatus(status, seat, Status.held);
  return { type: 'snapshot', ...head, seq, status };
}

const changes: Change[] = [
  { seat: 3, status: Status.held, at: 100 },
  { seat: 5, status: Status.held, at: 110 },
];

t.test('a frame covers the changes whose state it shows, and no others', async (t) => {
  t.same(changesSeen(diff(1, 2, [[3, Status.held]]), changes), [0]);
  t.same(changesSeen(diff(1, 2, [[3, Status.available]]), changes), [], 'another state of the seat');
  t.same(changesSeen(diff(1, 2, [[4, Status.held]]), changes), [], 'another seat');
  t.same(changesSeen(snapshot(2, [3, 5]), changes), [0, 1], 'a whole map counts too');
  t.same(changesSeen(snapshot(0, []), changes), []);
});

t.test('a change counts once, from its effect to the first frame that shows it', async (t) => {
  const frames = [
    snapshot(0, []),
    diff(1, 1, [[3, Status.held]]),
    diff(1, 2, [
      [3, Status.held],
      [5, Status.held],
    ]),
  ];
  const seenBy = frames.map((frame) => changesSeen(frame, changes));
  const arrivals = [0, 1, 2].map((frame) => ({ frame, at: 90 + 20 * frame }));
  t.same(delays(arrivals, seenBy, changes), [10, 20]);
  t.same(delays(arrivals.slice(0, 2), seenBy, changes), [10], 'what never arrived is missing');
});

t.test(
  'a map is replayed as a client does: an overlap does no harm, what came before is skipped, a gap is seen',
  async (t) => {
    const one = diff(1, 1, [[3, Status.held]]);
    const both = diff(1, 2, [
      [3, Status.held],
      [5, Status.held],
    ]);
    const whole = replay([snapshot(2, [3, 5])]);
    t.same(replay([snapshot(0, []), one, both]), whole);
    t.same(replay([snapshot(2, [3, 5]), one]), whole, 'an older frame changes nothing');
    t.same(
      replay([snapshot(0, []), diff(2, 2, [[5, Status.held]])]),
      replay([snapshot(0, [])]),
      'nothing is put over a gap',
    );
  },
);
