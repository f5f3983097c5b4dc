import fc from 'fast-check';
import t from 'tap';
import { applyChanges, encodeChanges } from '../../protocol/diff.js';
import { continuity, type Position } from '../../protocol/position.js';
import { mapDigest, packedBytes, type Status, setStatus } from '../../protocol/status.js';

const at: Position = { epoch: 7, seq: 10 };

t.test('[SEQ-1] a range continues a position when it begins at or before the next seq', async (t) => {
  t.equal(continuity(at, 7, 11, 11), 'next');
  t.equal(continuity(at, 7, 11, 40), 'next');
  t.equal(continuity(at, 7, 3, 11), 'next', 'an overlap is harmless: states are absolute');
  t.equal(continuity({ epoch: 0, seq: 0 }, 0, 1, 1), 'next');
});

t.test('[SEQ-2] a range that ends at or before the position is old', async (t) => {
  t.equal(continuity(at, 7, 10, 10), 'old');
  t.equal(continuity(at, 7, 1, 9), 'old');
});

t.test('[SEQ-3] a range that begins later than the next seq is a gap', async (t) => {
  t.equal(continuity(at, 7, 12, 12), 'gap');
  t.equal(continuity(at, 7, 4_000_000_000, 4_294_967_295), 'gap');
});

t.test('[SEQ-4] another epoch is never continued, whatever its seq', async (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (fromSeq, length) => continuity(at, 8, fromSeq, fromSeq + length) === 'newEpoch'),
  );
  t.pass();
});

/** A stream of single changes, delivered as ranges that may overlap, repeat and go missing. */
const seats = 40;
const stream = fc.array(
  fc.record({
    index: fc.integer({ min: 0, max: seats - 1 }),
    status: fc.integer({ min: 0, max: 3 }) as fc.Arbitrary<Status>,
  }),
  { minLength: 1, maxLength: 60 },
);
const deliveries = fc.array(fc.tuple(fc.nat(59), fc.nat(10)), { maxLength: 40 });

t.test('[SEQ-1] [SEQ-2] [SEQ-3] who applies only what continues has the true map at its position', async (t) => {
  fc.assert(
    fc.property(stream, deliveries, (changes, ranges) => {
      const truth = [new Uint8Array(packedBytes(seats))];
      for (const { index, status } of changes) {
        const next = Uint8Array.from(truth[truth.length - 1] ?? []);
        setStatus(next, index, status);
        truth.push(next);
      }
      const map = new Uint8Array(packedBytes(seats));
      let seq = 0;
      for (const [start, length] of ranges) {
        const fromSeq = (start % changes.length) + 1;
        const toSeq = Math.min(fromSeq + length, changes.length);
        if (continuity({ epoch: 1, seq }, 1, fromSeq, toSeq) !== 'next') continue;
        const range = changes.slice(fromSeq - 1, toSeq);
        // A merged frame names each touched seat once, in the state that it has at toSeq.
        const latest = new Map(range.map((change) => [change.index, change]));
        applyChanges(map, encodeChanges(latest.values(), latest.size));
        seq = toSeq;
      }
      const expected = truth[seq] ?? new Uint8Array();
      return Buffer.compare(map, expected) === 0 && mapDigest(map, seats, []) === mapDigest(expected, seats, []);
    }),
    { numRuns: 500 },
  );
  t.pass();
});
