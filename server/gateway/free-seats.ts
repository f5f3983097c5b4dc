import type { Picture } from '../../protocol/best/pick.js';
import { Status } from '../../protocol/status.js';
import type { Refused } from '../core/result.js';

/**
 * One picture of an event's seats for all who look for seats while it stands: a crowd asks in the same moment, and each
 * search looks at every seat of the house. Seats that are on their way to somebody are marked in it.
 */
export class FreeSeats {
  readonly #marks: Uint8Array;
  /**
   * Wishes that nothing in this picture fits, with what the party is told once it has been worked out: parties that are
   * alike are told the same.
   */
  readonly unmet = new Map<string, Refused | undefined>();

  constructor(
    seats: number,
    status: (seat: number) => Status,
    isKept: (seat: number) => boolean,
    onTheirWay: Iterable<number>,
  ) {
    this.#marks = Uint8Array.from({ length: seats }, (_, seat) =>
      status(seat) === Status.available ? AVAILABLE | (isKept(seat) ? KEPT : 0) : 0,
    );
    this.mark(onTheirWay);
  }

  mark(seats: Iterable<number>): void {
    for (const seat of seats) this.#marks[seat] = (this.#marks[seat] ?? 0) | ON_ITS_WAY;
  }

  unmark(seats: Iterable<number>): void {
    for (const seat of seats) this.#marks[seat] = (this.#marks[seat] ?? 0) & ~ON_ITS_WAY;
  }

  /** @param wish `accessible`: kept seats too. `leave`: not what is on its way to somebody. */
  picture({ accessible, leave }: { readonly accessible: boolean; readonly leave: boolean }): Picture {
    const marks = this.#marks;
    const mask = AVAILABLE | (accessible ? 0 : KEPT) | (leave ? ON_ITS_WAY : 0);
    return { free: (seat) => ((marks[seat] ?? 0) & mask) === AVAILABLE };
  }
}

/** What is marked of a seat; kept is for parties that need a wheelchair space. */
const AVAILABLE = 1;
const KEPT = 2;
const ON_ITS_WAY = 4;
