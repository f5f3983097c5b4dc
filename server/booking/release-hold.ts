import { newId } from '../core/random.js';
import type { ReleaseBy } from '../seatmap/operations.js';
import type { MoneyPorts } from './ports.js';

/** All seats of the hold are free again. A refusal means that whoever asks has nothing there any more. */
export async function releaseHold(
  { engine }: Pick<MoneyPorts, 'engine'>,
  event: string,
  holdId: string,
  by: ReleaseBy,
): Promise<void> {
  await engine.apply(event, { kind: 'release', opId: newId('op'), by, holdId, seats: undefined });
}
