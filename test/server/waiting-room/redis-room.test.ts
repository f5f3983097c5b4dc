import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { pack } from '../../../server/core/codec.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase } from '../../../server/db/pool.js';
import type { CommandClient } from '../../../server/redis/client.js';
import { roomAdvanceScript, roomOpenScript, roomReadScript } from '../../../server/redis/definitions.js';
import { roomKeys } from '../../../server/redis/keys.js';
import { runScript } from '../../../server/redis/script.js';
import { letIn } from '../../../server/waiting-room/admitted.js';
import { createWaitingRoom } from '../../../server/waiting-room/redis-room.js';
import { setRoom, usualRules } from '../../../server/waiting-room/room-rows.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';
import { createWorld } from '../../scripts/world.js';
import { HandClock } from '../fanout/hand-clock.js';
import { insertEvent } from '../seatmap/event.js';

const [world, postgres] = await Promise.all([createWorld(), createMigratedDatabase()]);
const db = createDatabase({ url: postgres.url, log: silentLog });
t.teardown(async () => {
  await db.close();
  await Promise.all([postgres.drop(), world.close()]);
});
const { commands } = world.connections;

/** @param before runs once, between the look at who is inside and the script that gives a place. */
function roomWith(before: () => Promise<void>) {
  let pending = true;
  const interrupted: CommandClient = {
    ...commands,
    async call(command, args) {
      if (command === 'fcall' && pending) {
        pending = false;
        await before();
      }
      return commands.call(command, args);
    },
  };
  const secret = 'a secret of at least 32 characters';
  return createWaitingRoom({ redis: { commands: interrupted }, db, secret, clock: systemClock, log: silentLog });
}

t.test('[QUEUE-1] whoever is called while they ask for their place is in, and waits nowhere', async (t) => {
  const event = 'evt_called';
  const keys = roomKeys(event);
  await runScript(commands, roomOpenScript, keys, { life: 1, serving: 0, joined: 0, limit: 100, drawn: 0 });
  const ann = roomWith(async () => {});
  t.match(await ann.join(event, 'ann'), { kind: 'waiting', place: 1 });
  const until = systemClock.now() + 60_000;
  const call = async () => {
    await letIn(commands, event, [{ holder: 'ann', until }]);
    await runScript(commands, roomAdvanceScript, keys, { place: 1, holders: pack(['ann']) });
  };
  t.same(await roomWith(call).join(event, 'ann'), { kind: 'admitted', until });
  const { waiting, joined } = await runScript(commands, roomReadScript, keys, { next: 0 });
  t.same({ waiting, joined }, { waiting: 0, joined: 2 }, 'the number that was drawn in between counts as left');
});

t.test(
  '[QUEUE-10] a line that cannot be asked lets people in for a limited time, as many as fit, if the event says so',
  async (t) => {
    const clock = new HandClock();
    let isDown = true;
    const cut: CommandClient = {
      ...commands,
      async call(command, args) {
        if (isDown && args.some((arg) => String(arg).startsWith('{q:'))) throw new Error('Connection is closed.');
        return commands.call(command, args);
      },
    };
    const secret = 'a secret of at least 32 characters';
    const room = createWaitingRoom({ redis: { commands: cut }, db, secret, clock, log: silentLog });
    const [open, closed] = await Promise.all([eventWith({ openWhileLostMs: 60_000 }), eventWith({})]);
    const refused = { code: 'unavailable' };
    await t.rejects(room.join(open, 'ann'), refused, 'a failover is waited for');
    await t.rejects(room.join(closed, 'ann'), refused);
    clock.advance(3_500);
    await t.rejects(room.join(closed, 'ann'), refused, 'fail-closed is the usual way');
    t.match(await room.join(open, 'ann'), { kind: 'admitted' });
    t.ok(await room.isAdmitted(open, 'ann'), 'where the hold script looks');
    t.match(await room.join(open, 'ann'), { kind: 'admitted' }, 'asked again: in already');
    t.match(await room.join(open, 'bob'), { kind: 'admitted' });
    await t.rejects(room.join(open, 'cat'), refused, 'no more than may be inside');
    await db.query('update rooms set max_active = 10 where event_id = $1', [open]);
    clock.advance(60_000);
    await t.rejects(room.join(open, 'cat'), refused, 'its time is over');
    isDown = false;
    t.match(await room.join(open, 'cat'), { kind: 'waiting', place: 1 }, 'the line is there again');
    isDown = true;
    await t.rejects(room.join(open, 'dan'), refused, 'another outage, and its first moment');
  },
);

async function eventWith(rules: object): Promise<string> {
  const event = await insertEvent(db);
  await db.transaction((tx) => setRoom(tx, event, { ...usualRules, state: 'open', maxActive: 2, ...rules }));
  return event;
}
