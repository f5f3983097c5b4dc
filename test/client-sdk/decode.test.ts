import fc from 'fast-check';
import { Packr } from 'msgpackr';
import t from 'tap';
import { decode } from '../../client-sdk/decode.js';

/** The server's encoder, as server/core/codec.ts sets it up. */
const packr = new Packr({ useRecords: false });

t.test('reads back what the server writes', async (t) => {
  const values = [
    null,
    true,
    false,
    0,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    4_294_967_295,
    4_294_967_296,
    1_764_000_000_123,
    -1,
    -32,
    -33,
    -129,
    -32_769,
    -2_147_483_648,
    -1_764_000_000_123,
    1.5,
    -0.1,
    '',
    'Grüße, 世界 🎭',
    'x'.repeat(31),
    'x'.repeat(32),
    'x'.repeat(300),
    'x'.repeat(70_000),
    [],
    Array.from({ length: 15 }, (_, i) => i),
    Array.from({ length: 70_000 }, (_, i) => i),
    {},
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i])),
  ];
  for (const value of values) t.same(decode(packr.pack(value)), value);
});

t.test('bytes of every length class arrive whole', async (t) => {
  for (const size of [0, 1, 255, 256, 65_535, 65_536]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const read = decode(packr.pack({ status: bytes })) as { status: Uint8Array };
    t.ok(Buffer.from(read.status).equals(Buffer.from(bytes)), `${size} bytes`);
  }
});

t.test('any JSON value survives', async () => {
  const noMinusZero = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(noMinusZero, (value) => t.matchOnly(decode(packr.pack(value)), value)),
    { numRuns: 300 },
  );
});

t.test('a message that ends early, goes on, or has a foreign type is an error, never a wrong value', async (t) => {
  const whole = packr.pack({ type: 'diff', changes: new Uint8Array(40), seq: 70_000 });
  for (let length = 0; length < whole.length; length++) t.throws(() => decode(whole.subarray(0, length)));
  t.throws(() => decode(Buffer.concat([whole, Buffer.from([0])])), TypeError);
  t.throws(() => decode(Uint8Array.of(0xc1)), TypeError);
  t.throws(() => decode(Uint8Array.of(0xd4, 1, 1)), TypeError);
});

t.test('a key that names a prototype is only a key', async (t) => {
  const read = decode(Uint8Array.of(0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x61, 1)) as object;
  t.equal(({} as { a?: number }).a, undefined);
  t.ok(Object.hasOwn(read, '__proto__'));
});
