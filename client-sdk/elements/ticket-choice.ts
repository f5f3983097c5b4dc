import { type Chart, seatLabel } from '../../protocol/chart.js';
import type { HoldView } from '../../protocol/down.js';
import type { PriceList } from '../../protocol/http.js';
import { amountOf, priceOf } from '../../protocol/prices.js';
import type { TicketTypes } from '../bookings.js';
import { createKeptTypes } from './kept-types.js';
import type { PriceLists } from './price-lists.js';

/**
 * Which ticket type each held seat is to have, and what that costs under the price version that the hold keeps. The
 * server makes the amount that is paid, from the same list.
 */
export interface TicketChoice {
  /** The first is for seats without a choice. None while the prices are on their way. */
  types(hold: HoldView): PriceList['ticketTypes'];
  /** Id; empty while the prices are on their way. */
  typeOf(hold: HoldView, seat: number): string;
  choose(hold: HoldView, seat: number, type: string): void;
  /** Undefined while the prices are on their way. */
  amount(hold: HoldView, seat: number): number | undefined;
  total(hold: HoldView): number | undefined;
  /** What the booking has to name. */
  named(hold: HoldView): TicketTypes;
  /** These are all holds that there are; forgets what was chosen for other seats. */
  keep(holds: readonly HoldView[]): void;
}

export function createTicketChoice(lists: PriceLists, chart: Chart): TicketChoice {
  const chosen = createKeptTypes();
  const listOf = ({ priceVersion }: HoldView): PriceList | undefined => lists.of(priceVersion);

  function typeOf(hold: HoldView, seat: number): string {
    const types = listOf(hold)?.ticketTypes ?? [];
    const type = chosen.typeOf(hold, seat);
    return (types.find(({ id }) => id === type) ?? types[0])?.id ?? '';
  }

  function amount(hold: HoldView, seat: number): number | undefined {
    const price = priceOf(chart, listOf(hold)?.prices ?? [], seat);
    return price && amountOf(price, typeOf(hold, seat));
  }

  return {
    types: (hold) => listOf(hold)?.ticketTypes ?? [],
    typeOf,
    choose: chosen.choose,
    keep: chosen.keep,
    amount,
    total(hold) {
      const amounts = hold.seats.map((seat) => amount(hold, seat)).filter((one) => one !== undefined);
      return amounts.length < hold.seats.length ? undefined : amounts.reduce((sum, one) => sum + one, 0);
    },
    named(hold) {
      const first = listOf(hold)?.ticketTypes[0]?.id;
      const named = hold.seats.filter((seat) => typeOf(hold, seat) !== first);
      return Object.fromEntries(named.map((seat) => [seatLabel(chart, seat), typeOf(hold, seat)]));
    },
  };
}
