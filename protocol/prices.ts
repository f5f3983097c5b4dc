/** The one ticket type of an event whose staff have defined none. */
export const standardType = { id: 'standard', name: 'Standard' } as const;

/** What a seat of one price category costs, in minor units. */
export interface CategoryPrice {
  /** With the event's first ticket type. */
  readonly amount: number;
  /** With each of its other types, by id. */
  readonly amounts: Readonly<Record<string, number>>;
}

/** @param ticketType one of the event's. */
export function amountOf({ amount, amounts }: CategoryPrice, ticketType: string): number {
  return Object.hasOwn(amounts, ticketType) ? (amounts[ticketType] ?? amount) : amount;
}
