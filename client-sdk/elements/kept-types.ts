import type { HoldView } from '../../protocol/down.js';

/**
 * The ticket types that the buyer has chosen for the seats of each hold. They survive a reload of the page in its tab,
 * and are forgotten with the seat or the hold: whoever takes a seat again starts anew.
 */
export interface KeptTypes {
  /** Id; undefined without a choice. */
  typeOf(hold: HoldView, seat: number): string | undefined;
  choose(hold: HoldView, seat: number, type: string): void;
  /** These are all holds that there are; forgets what was chosen for other seats. */
  keep(holds: readonly HoldView[]): void;
}

const placeOf = (holdId: string) => `cavea:ticket-types:${holdId}`;

export function createKeptTypes(): KeptTypes {
  const chosen = new Map<string, Map<number, string>>();

  function typesOf({ id }: HoldView): Map<number, string> {
    const types = chosen.get(id) ?? read(id);
    chosen.set(id, types);
    return types;
  }

  return {
    typeOf: (hold, seat) => typesOf(hold).get(seat),
    choose(hold, seat, type) {
      const types = typesOf(hold).set(seat, type);
      write(hold.id, types);
    },
    keep(holds) {
      for (const [id, types] of chosen) {
        const hold = holds.find((candidate) => candidate.id === id);
        for (const seat of [...types.keys()]) if (!hold?.seats.includes(seat)) types.delete(seat);
        write(id, types);
        if (!hold) chosen.delete(id);
      }
    },
  };
}

function read(holdId: string): Map<number, string> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(placeOf(holdId)) ?? '[]') as [number, string][]);
  } catch {
    // Storage that is forbidden or was tampered with holds no choice.
    return new Map();
  }
}

function write(holdId: string, types: ReadonlyMap<number, string>): void {
  try {
    if (types.size === 0) sessionStorage.removeItem(placeOf(holdId));
    else sessionStorage.setItem(placeOf(holdId), JSON.stringify([...types]));
  } catch {
    // Kept until the page is left: a full or forbidden storage must not stop a purchase.
  }
}
