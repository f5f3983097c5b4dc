import type { QueueState } from '../queue.js';
import { words } from './words.js';

/** What somebody who waits has to expect, as far as it is known: when, why not yet, whether in time. */
export function outlook({ ahead, etaMs, paused, slow, seatsLeft }: Waiting): string {
  const say = words();
  if (paused) return say.linePaused;
  const why = slow === 'full' ? say.lineFull : slow === 'seats' ? say.lineOutOfSeats : undefined;
  const late =
    ahead !== undefined && seatsLeft !== undefined && ahead > seatsLeft ? say.tooFarBack(seatsLeft) : undefined;
  return [etaMs && etaWords(etaMs), why, late].filter((sentence) => sentence !== undefined).join(' ');
}

type Waiting = Extract<QueueState, { readonly name: 'waiting' | 'soldOut' }>;

/** When it may be somebody's turn: [likely, nearly surely], ms from now. */
function etaWords([likelyMs, surelyMs]: readonly [number, number]): string {
  const minutes = (ms: number) => Math.max(1, Math.ceil(ms / 60_000));
  return words().eta(minutes(likelyMs), minutes(surelyMs));
}
