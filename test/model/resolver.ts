import type { EventRules, ReleaseBy, SeatOperation } from '../../server/seatmap/operations.js';
import type { OracleHold } from './oracle-words.js';
import type { Ask, RulesDrawn, Which } from './program.js';
import type { SeatOracle } from './seat-oracle.js';

const noHold = { id: 'hld_unknown', holder: '', booking: undefined, expiresAt: 0, capAt: 0, priceVersion: 0 };

/** Turns what a program asks into operations: draws ids, and finds out which hold "one of ann's" is. */
export class Resolver {
  /** In the order in which they were made. */
  readonly sent: SeatOperation[] = [];
  readonly #known = new Map<string, OracleHold>();
  #ids = 0;
  #lastBooking = 'bkg_0';

  resolve(ask: Ask, oracle: SeatOracle): SeatOperation {
    for (const hold of oracle.holds.values()) this.#known.set(hold.id, hold);
    const repeated = ask.kind === 'repeat' ? this.sent.at(-1 - ask.back) : undefined;
    const operation = repeated ?? this.#make(ask, oracle);
    this.sent.push(operation);
    return operation;
  }

  #make(ask: Ask, oracle: SeatOracle): SeatOperation {
    const opId = this.#id('op');
    switch (ask.kind) {
      case 'hold':
        return this.#hold(ask, opId, oracle);
      case 'extend':
        return { kind: ask.kind, opId, ...this.#asked(ask, oracle) };
      case 'swap': {
        const asked = this.#asked(ask, oracle);
        const leaving = partOf(this.#find(ask.hold, oracle), ask.leaving);
        return {
          kind: ask.kind,
          opId,
          ...asked,
          leaving,
          candidates: ask.candidates,
        };
      }
      case 'claim':
        if (ask.booking === 'new') this.#lastBooking = this.#id('bkg');
        return { kind: ask.kind, opId, ...this.#asked(ask, oracle), bookingId: this.#lastBooking };
      case 'release':
        return this.#release(ask, opId, oracle);
      case 'sell':
        return this.#sell(ask, opId, oracle);
      case 'unsell':
        return { kind: ask.kind, opId, bookingId: this.#lastBooking, seats: ask.seats };
      case 'block':
      case 'unblock':
        return { kind: ask.kind, opId, staff: 'stf_1', seats: ask.seats };
      case 'configure':
        return { kind: ask.kind, opId, rules: rulesAt(oracle.now, ask.rules) };
      case 'expire':
      case 'repeat':
        return { kind: 'expire', opId };
    }
  }

  #hold(ask: Ask & { kind: 'hold' }, opId: string, oracle: SeatOracle): SeatOperation {
    const { kind, candidates, joins, id } = ask;
    const joined = joins && this.#find(joins, oracle);
    const known = id && this.#find(id, oracle);
    const holder = [joined, known].find((hold) => hold?.own)?.holder ?? ask.holder;
    const holdId = known?.id ?? this.#id('hld');
    return { kind, opId, holder, holdId, candidates, ...(joined && { joins: joined.id }) };
  }

  #release(ask: Ask & { kind: 'release' }, opId: string, oracle: SeatOracle): SeatOperation {
    const { kind } = ask;
    const hold = this.#find(ask.hold, oracle);
    const by: Record<typeof ask.by, ReleaseBy> = {
      holder: { holder: hold.own ? hold.holder : ask.holder },
      booking: { bookingId: hold.booking ?? this.#lastBooking },
      wrongBooking: { bookingId: 'bkg_wrong' },
      staff: { staff: 'stf_1' },
    };
    const seats = ask.by === 'holder' && ask.seats !== 'all' ? partOf(hold, ask.seats) : undefined;
    return { kind, opId, by: by[ask.by], holdId: hold.id, seats };
  }

  #sell(ask: Ask & { kind: 'sell' }, opId: string, oracle: SeatOracle): SeatOperation {
    const { kind } = ask;
    const hold = ask.hold && this.#find(ask.hold, oracle);
    const bookingId = hold?.booking ?? this.#id('bkg');
    this.#lastBooking = bookingId;
    const seats = hold ? partOf(hold, ask.seats) : typeof ask.seats === 'string' ? [0, 1] : ask.seats;
    return { kind, opId, bookingId, holdId: hold?.id, seats };
  }

  /** Who asks about which hold. */
  #asked(ask: { holder: string; hold: Which }, oracle: SeatOracle): { holder: string; holdId: string } {
    const { own, holder, id } = this.#find(ask.hold, oracle);
    return { holder: own ? holder : ask.holder, holdId: id };
  }

  #find({ whose, pick }: Which, oracle: SeatOracle): OracleHold & { readonly own: boolean } {
    const live = [...oracle.holds.values()];
    const found: Record<Which['whose'], readonly OracleHold[]> = {
      own: live,
      any: live,
      ended: [...this.#known.values()].filter(({ id }) => !oracle.holds.has(id)),
      unknown: [],
    };
    const among = found[whose];
    const hold = among[pick % among.length];
    return hold ? { ...hold, own: whose === 'own' } : { ...noHold, seats: [pick], own: false };
  }

  #id(prefix: string): string {
    return `${prefix}_${++this.#ids}`;
  }
}

function partOf({ seats }: OracleHold, part: 'all' | 'half' | readonly number[]): readonly number[] {
  if (part === 'all') return seats;
  return part === 'half' ? seats.filter((_, i) => i % 2 === 0) : part;
}

export function rulesAt(now: number, { opensInMs, closesInMs, ...drawn }: RulesDrawn): EventRules {
  return {
    ...drawn,
    opensAt: opensInMs === undefined ? 0 : now + opensInMs,
    closesAt: closesInMs === undefined ? 0 : now + closesInMs,
  };
}
