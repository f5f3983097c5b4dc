import t from 'tap';
import { frameType } from '../../../bench/lib/frame-type.js';
import type { Down } from '../../../protocol/down.js';
import { pack } from '../../../server/core/codec.js';
import { encodeDown } from '../../../server/gateway/encode.js';

t.test('the type of a frame is read off its first bytes', async (t) => {
  const now = 1_900_000_000_000;
  const frames: Down[] = [
    { type: 'heartbeat', event: 'evt_a', epoch: 1, seq: 2, digest: 3, now },
    { type: 'outcome', ok: true, id: 1, now },
    { type: 'stale', event: 'evt_a' },
    { type: 'snapshot', event: 'evt_a', epoch: 1, seq: 2, digest: 3, status: new Uint8Array(25_000), areas: [] },
  ];
  for (const frame of frames) t.equal(frameType(Buffer.from(encodeDown(frame, 'binary') as Uint8Array)), frame.type);
});

t.test('what does not begin with a type is an error, not another frame', async (t) => {
  for (const other of [{ id: 1, type: 'outcome' }, ['type', 'outcome'], {}, 'type'])
    t.throws(() => frameType(pack(other)));
});
