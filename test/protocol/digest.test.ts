import fc from 'fast-check';
import t from 'tap';
import { applyChanges, encodeChanges } from '../../protocol/diff.js';
import {
  areaDigest,
  countAvailable,
  getStatus,
  mapDigest,
  mix,
  packedBytes,
  Status,
  seatDigest,
  setStatus,
} from '../../protocol/status.js';

/** The vectors of protocol/README.md, and what a digest is for: it tells one map from another. */

t.test('[DIG-1] mix gives the vectors of the specification', async (t) => {
  const vectors: readonly (readonly [number, number])[] = [
    [0, 0x00000000],
    [1, 0x5d139822],
    [2, 0xd4fa0c2c],
    [3, 0x0ef5fd85],
    [4, 0x2fe45d20],
    [81, 0x9d77e98e],
    [399_999, 0x57972b1b],
    [799_999, 0xd87ff26c],
    [1_048_576, 0xf912a04b],
    [1_048_577, 0xbcbf159e],
    [1_064_960, 0xffd11fff],
    [2_097_151, 0xc778bf86],
  ];
  for (const [key, expected] of vectors) t.equal(mix(key), expected, `mix(${key})`);
});

t.test('[DIG-1] mix needs no 64-bit integers: doubles and 16-bit halves give the same', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 21 - 1 }), (key) => {
      // As Lua reckons it: the first product fits a double, the second is built from 16-bit halves.
      let x = (key * 0x9e3779b1) % 2 ** 32;
      x = (x ^ (x >>> 15)) >>> 0;
      const low = (x % 65_536) * 0x85ebca77;
      const high = ((Math.floor(x / 65_536) * 0x85ebca77) % 65_536) * 65_536;
      x = (low + high) % 2 ** 32;
      x = (x ^ (x >>> 13)) >>> 0;
      return x === mix(key);
    }),
  );
  t.pass();
});

t.test('[DIG-2] a seat and an area give the vectors of the specification', async (t) => {
  t.equal(seatDigest(0, 0), 0);
  t.equal(seatDigest(199_999, 0), 0, 'an available seat adds nothing');
  t.equal(seatDigest(0, 1), 0x5d139822);
  t.equal(seatDigest(0, 2), 0xd4fa0c2c);
  t.equal(seatDigest(0, 3), 0x0ef5fd85);
  t.equal(seatDigest(1, 1), 0xd6f5d3b2);
  t.equal(seatDigest(20_000, 2), 0x72aecda9);
  t.equal(seatDigest(199_999, 3), 0xd87ff26c);
  t.equal(areaDigest(0, 0), 0, 'an untouched area adds nothing');
  t.equal(areaDigest(0, 1), 0xbcbf159e);
  t.equal(areaDigest(1, 1), 0x5df316f5);
  t.equal(areaDigest(0, 500), 0x707b4927);
  t.equal(areaDigest(63, 16_383), 0xc778bf86);
});

t.test('[MAP-1] [DIG-3] the packed map and its digest give the vectors of the specification', async (t) => {
  const packed = new Uint8Array(packedBytes(10));
  setStatus(packed, 1, 1);
  setStatus(packed, 4, 2);
  setStatus(packed, 9, 3);
  t.equal(Buffer.from(packed).toString('hex'), '04020c');
  t.equal(mapDigest(packed, 10, []), 0xeb8defc5);
  t.equal(mapDigest(packed, 10, [0, 3]), 0x6c7186fd);
  t.equal(mapDigest(packed, 8, [2, 3]), 0x28d0db7f, 'indexes from `seated` on are not seats');
});

const seats = 500;
const anyChange = fc.record({
  index: fc.integer({ min: 0, max: seats - 1 }),
  status: fc.integer({ min: 0, max: 3 }) as fc.Arbitrary<Status>,
});

t.test('[DIG-3] the digest kept change by change is the digest of the whole map', async (t) => {
  fc.assert(
    fc.property(fc.array(anyChange), (changes) => {
      const packed = new Uint8Array(packedBytes(seats));
      let kept = 0;
      for (const { index, status } of changes) {
        kept ^= seatDigest(index, getStatus(packed, index)) ^ seatDigest(index, status);
        setStatus(packed, index, status);
      }
      return kept >>> 0 === mapDigest(packed, seats, []);
    }),
  );
  t.pass();
});

t.test('[DIG-4] losing two or four alike changes changes the digest', async (t) => {
  for (const lost of [2, 4]) {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 199_999 }), { minLength: lost, maxLength: lost }),
        fc.integer({ min: 1, max: 3 }) as fc.Arbitrary<Status>,
        (indexes, status) => indexes.reduce((digest, index) => digest ^ seatDigest(index, status), 0) !== 0,
      ),
      { numRuns: 2_000 },
    );
    // Runs of neighbours are what a linear mix would lose: 1 ^ 2 ^ 3 ^ 0 is 0.
    for (let start = 0; start < 20_000; start += lost) {
      const run = Array.from({ length: lost }, (_, i) => start + i);
      const digest = run.reduce((sum, index) => sum ^ seatDigest(index, 1), 0);
      if (digest === 0) t.fail(`${lost} holds from seat ${start} cancel`);
    }
  }
  t.pass();
});

t.test('[DIFF-1] changes written and read give the same map', async (t) => {
  fc.assert(
    fc.property(fc.array(anyChange), (changes) => {
      const direct = new Uint8Array(packedBytes(seats));
      for (const { index, status } of changes) setStatus(direct, index, status);
      const applied = new Uint8Array(packedBytes(seats));
      applyChanges(applied, encodeChanges(changes, changes.length));
      return Buffer.compare(direct, applied) === 0;
    }),
  );
  t.equal(Buffer.from(encodeChanges([{ index: 199_999, status: 2 }], 1)).toString('hex'), 'fe340c00');
  t.equal(
    Buffer.from(
      encodeChanges(
        [
          { index: 7, status: 0 },
          { index: 1, status: 3 },
        ],
        2,
      ),
    ).toString('hex'),
    '1c00000007000000',
  );
});

t.test('seats counted by whole bytes are those counted one by one', (t) => {
  const ranges = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(160), fc.nat(160));
  fc.assert(
    fc.property(ranges, ([packed, a, b]) => {
      const [start, end] = [a, b].map((at) => Math.min(at, packed.length * 4)).sort((x, y) => x - y) as [
        number,
        number,
      ];
      const indexes = Array.from({ length: end - start }, (_, at) => start + at);
      const available = indexes.filter((index) => getStatus(packed, index) === Status.available);
      return countAvailable(packed, start, end - start) === available.length;
    }),
    { numRuns: 2_000 },
  );
  t.end();
});
