import type { Cavea } from '../../client-sdk/cavea.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import type { Refusal } from '../../client-sdk/result.js';
import { Status } from '../../protocol/status.js';
import type { SeatWords } from './seat-words.js';
import type { Offer, Toast } from './toast.js';

/**
 * What a click on a seat does, on the map and in the list: a free seat is held at once, an own one is let go. After
 * `exchange` the next free seat comes in the place of that one; a click on it, or a second `exchange`, keeps it.
 */
export interface Picking {
  toggle(seat: number): void;
  holdPlaces(area: number, count: number): void;
  exchange(holdId: string, seat: number): void;
  release(holdId: string, seats?: readonly number[]): void;
}

export function createPicking(shop: Cavea, words: SeatWords, toast: Toast): Picking {
  /** Whether the buyer has said that somebody needs a wheelchair space. */
  let accessible = false;

  /** With one click: the seat that is kept, for those who need it; or what is free beside one that cannot be had. */
  function offerOf({ reason, alternative }: Refusal, seat: number, again: () => void): Offer | undefined {
    if (reason === 'accessible') {
      const take = (): void => {
        accessible = true;
        again();
      };
      return { name: 'Somebody of us needs it', take };
    }
    const other = alternative?.[0];
    if (other === undefined || other === seat) return undefined;
    return { name: `Take ${words.name(other)}`, take: () => void hold(other) };
  }

  function warn(leaves: readonly number[]): boolean {
    const [left] = leaves;
    if (left === undefined) return false;
    const take = { name: `Take ${words.name(left)} too`, take: () => void hold(left) };
    toast.say(`${words.name(left)} stays alone now, and nobody may want it.`, 'calm', take);
    return true;
  }

  async function hold(seat: number): Promise<void> {
    const result = await shop.holds.hold([seat], [], { accessible });
    if (!result.ok)
      toast.say(
        inWords(result),
        'bad',
        offerOf(result, seat, () => void hold(seat)),
      );
    else if (!warn(result.leaves)) toast.announce(`${words.name(seat)} is held for you.`);
  }

  /** The seat that the next free one replaces. */
  let leaving: { readonly holdId: string; readonly seat: number } | undefined;

  async function swap(holdId: string, from: number, to: number): Promise<void> {
    const result = await shop.holds.swap(holdId, [from], [to], { accessible });
    if (!result.ok) {
      const still = `${inWords(result)} You still have ${words.name(from)}.`;
      const again = result.reason === 'accessible' && offerOf(result, to, () => void swap(holdId, from, to));
      toast.say(still, 'bad', again || undefined);
    } else if (!warn(result.leaves)) toast.say(`You have ${words.name(to)} now, in place of ${words.name(from)}.`);
  }

  function keep(): void {
    if (leaving) toast.say(`You keep ${words.name(leaving.seat)}.`);
    leaving = undefined;
  }

  async function release(holdId: string, seats?: readonly number[]): Promise<void> {
    const result = await shop.holds.release(holdId, seats);
    if (!result.ok) toast.say(inWords(result), 'bad');
    else if (seats?.[0] !== undefined) toast.announce(`${words.name(seats[0])} is released.`);
  }

  return {
    toggle(seat) {
      const { holds, pending } = shop.holds.getSnapshot();
      if (pending.has(seat)) return;
      const own = holds.find((candidate) => candidate.seats.includes(seat));
      const status = shop.seats.getSnapshot()?.status(seat);
      if (leaving?.seat === seat) keep();
      else if (own?.phase === 'held') void release(own.id, [seat]);
      else if (own) toast.say('You are paying for this seat.');
      else if (status === Status.held) toast.say('Somebody else holds this seat right now. It may come back.');
      else if (status === Status.sold) toast.say('This seat is sold.');
      else if (status === Status.blocked) toast.say('This seat is not for sale.');
      else if (leaving && holds.some(({ id, seats }) => id === leaving?.holdId && seats.includes(leaving.seat))) {
        void swap(leaving.holdId, leaving.seat, seat);
        leaving = undefined;
      } else void hold(seat);
    },
    exchange(holdId, seat) {
      if (leaving?.seat === seat) return keep();
      leaving = { holdId, seat };
      toast.say(`Choose the seat to have in place of ${words.name(seat)}. It stays yours until then.`);
    },
    async holdPlaces(area, count) {
      const result = await shop.holds.hold([], [{ area, count }]);
      if (!result.ok) toast.say(inWords(result), 'bad');
    },
    release: (holdId, seats) => void release(holdId, seats),
  };
}
