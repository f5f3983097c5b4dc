import { newId } from '../core/random.js';

/**
 * A hold's id names its event, because its record lives under the event's keys: `hld_RANDOM.EVENT`,
 * where EVENT is the event's id without `evt_`.
 */
export function newHoldId(event: string): string {
  return `${newId('hld')}.${event.replace(/^evt_/, '')}`;
}

/** Undefined when the text is not a hold's id. */
export function eventOfHold(holdId: string): string | undefined {
  const match = /^hld_[0-9A-Za-z]{20}\.([0-9A-Za-z_-]{1,36})$/.exec(holdId);
  return match ? `evt_${match[1]}` : undefined;
}
