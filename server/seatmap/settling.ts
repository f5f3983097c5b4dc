import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import type { Blocks } from './blocks.js';
import type { Rules } from './rules.js';

const everyMs = 1_000;

/**
 * Tells the seat engine, each second, what staff have decided and it has not heard: because a process died in between,
 * because Redis was away, or because the time of a block has come.
 */
export function createSettling(options: {
  readonly rules: Pick<Rules, 'settle' | 'unsettledEvents'>;
  readonly blocks: Pick<Blocks, 'settle' | 'unsettledEvents'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Role {
  const { rules, blocks, clock, log } = options;
  return createPeriodicRole({
    name: 'settling',
    everyMs,
    clock,
    log,
    async run(signal) {
      for (const event of await rules.unsettledEvents()) {
        if (signal.aborted) return;
        await rules.settle(event);
      }
      for (const event of await blocks.unsettledEvents()) {
        if (signal.aborted) return;
        await blocks.settle(event).catch((error: unknown) => {
          log.warn({ event, reason: reasonOf(error) }, 'blocks not settled');
        });
      }
    },
  });
}
