/** What is left to do after something that the payment provider told has been recorded. */
export interface Verdict {
  /** What a person has to look at. */
  readonly review: string | undefined;
  /** The booking that has something left to do outside of the transaction. */
  readonly changed: string | undefined;
}

export const nothingLeftToDo: Verdict = { review: undefined, changed: undefined };

export function review(why: string): Verdict {
  return { review: why, changed: undefined };
}

export function changed(bookingId: string): Verdict {
  return { review: undefined, changed: bookingId };
}
