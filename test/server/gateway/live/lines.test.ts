import t from 'tap';
import type { Down } from '../../../../protocol/down.js';
import { systemClock } from '../../../../server/core/clock.js';
import { silentLog } from '../../../../server/core/log.js';
import { createLines } from '../../../../server/gateway/live/lines.js';
import type { Peer } from '../../../../server/gateway/live/peer.js';
import { packLine } from '../../../../server/waiting-room/line-message.js';
import type { LineNews } from '../../../../server/waiting-room/waiting-room.js';

const event = 'evt_1';
const empty = { joined: 9_000, front: new Uint8Array(1), farther: [], waiting: 9_000, active: 0 };
const usual: LineNews = { ...empty, serving: 0, state: 'open', message: '', life: 1, now: 0 };

/** One line, and whoever listens to it by the topics that they are in. */
function begin() {
  let hear: (bytes: Uint8Array) => void = () => {};
  const topics = new Map<string, Set<{ heard: number }>>();
  const lines = createLines({
    bus: {
      subscribe: async (_channel, listener) => {
        hear = listener;
        return () => {};
      },
    },
    publish: (topic) => {
      for (const one of topics.get(topic) ?? []) one.heard++;
    },
    clock: systemClock,
    log: silentLog,
  });
  function join(place?: number) {
    const one = { heard: 0 };
    const peer = {
      format: 'json',
      send: (_frame: Down) => void one.heard++,
      join: (topic: string) => void topics.set(topic, (topics.get(topic) ?? new Set()).add(one)),
      leave: (topic: string) => void topics.get(topic)?.delete(one),
    } as unknown as Peer;
    lines.join(event, peer, place);
    return { one, peer };
  }
  return { lines, join, tell: (more: Partial<LineNews> = {}) => hear(packLine({ ...usual, ...more })) };
}

t.test('[QUEUE-3] far behind, every fifth of the news; all of it when the turn comes nearer', async (t) => {
  const { lines, join, tell } = begin();
  const first = join(1);
  await systemClock.sleep(0);
  tell();
  const [near, far, unknown] = [join(2_000), join(2_001), join()];
  const heardOf = (times: number, more: Partial<LineNews> = {}) => {
    const before = [first, near, far, unknown].map(({ one }) => one.heard);
    for (let time = 0; time < times; time++) tell(more);
    return [first, near, far, unknown].map(({ one }, at) => one.heard - (before[at] ?? 0));
  };
  t.same(heardOf(10), [10, 10, 2, 10]);
  t.same(heardOf(1, { message: 'soon' }), [1, 1, 1, 1], 'a message is for all');
  t.same(heardOf(1, { message: 'soon', state: 'soldOut' }), [1, 1, 1, 1], 'so is the end');
  tell();
  t.same(heardOf(1, { called: [7] }), [1, 1, 1, 1], 'and a call out of turn');
  heardOf(5, { serving: 1 });
  t.same(heardOf(10, { serving: 1 }), [10, 10, 10, 10], 'near now');
  lines.leave(event, near.peer);
  lines.leave(event, far.peer);
  t.same(heardOf(5, { serving: 1 }), [5, 0, 0, 5]);
});
