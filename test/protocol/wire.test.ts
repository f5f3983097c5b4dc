import { createHash } from 'node:crypto';
import { decode } from '@msgpack/msgpack';
import t from 'tap';
import { z } from 'zod';
import { closeCodes, mayReconnect } from '../../protocol/close-codes.js';
import { type Down, downSchema } from '../../protocol/down.js';
import { upSchema } from '../../protocol/up.js';
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../protocol/version.js';
import { encodeDown } from '../../server/gateway/encode.js';
import { golden } from './golden-frames.js';

/** The wire cannot change without a decision about its version: whoever changes it meets these pins. */

t.test('[VER-1] the schema of version 1 is the one that was released', async (t) => {
  const schema = (of: z.ZodType) => z.toJSONSchema(of, { unrepresentable: 'any' });
  const text = JSON.stringify({ up: schema(upSchema), down: schema(downSchema), closeCodes });
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  t.equal(PROTOCOL_VERSION, 1);
  t.equal(MIN_PROTOCOL_VERSION, 1);
  t.equal(
    hash,
    '3b922cc1c38e4ba9',
    'the wire has changed: does an older client still understand it? Then pin the new hash',
  );
});

for (const { name, frame, binary, json } of golden) {
  t.test(`[ENC-1] [ENC-2] golden frame: ${name}`, async (t) => {
    t.ok(downSchema.safeParse(frame).success, 'the frame is of the schema');
    const bytes = encodeDown(frame, 'binary');
    t.equal(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('hex'), binary);
    t.equal(encodeDown(frame, 'json'), json);
    t.same(
      plain(decode(Uint8Array.from(Buffer.from(binary, 'hex'))) as Down),
      plain(frame),
      'another reader sees the same',
    );
  });
}

t.test('[CLOSE-1] the range of a close code says whether to come back', async (t) => {
  for (const code of Object.values(closeCodes)) {
    t.ok(code >= 4000 && code < 5000);
    t.equal(mayReconnect(code), code < 4500);
  }
  t.equal(new Set(Object.values(closeCodes)).size, Object.keys(closeCodes).length);
  t.ok(mayReconnect(1006), 'an abnormal end is worth another try');
});

t.test('[SEC-1] no frame to viewers has a place for a holder or a lapse', async (t) => {
  for (const schema of downSchema.options) {
    const type = schema.shape.type.value;
    if (!['snapshot', 'diff', 'counts', 'heartbeat', 'stale'].includes(type)) continue;
    const names = Object.keys(schema.shape);
    for (const secret of ['holder', 'holders', 'session', 'expiresAt', 'holdId', 'holds']) {
      t.notOk(names.includes(secret), `${type} has no ${secret}`);
    }
  }
});

function plain(frame: Down): unknown {
  return JSON.parse(JSON.stringify(frame, (_, value) => (value instanceof Uint8Array ? [...value] : value)));
}
