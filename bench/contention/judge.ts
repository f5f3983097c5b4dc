/**
 * Judges what buyers were told about a few seats. Times are milliseconds since 1970; those of holds are Redis' own, on
 * the same machine.
 */
export class Judge {
  heldTwice = 0;
  readonly #keepMs: number;
  readonly #held = new Set<number>();
  readonly #heldAt = new Map<number, number[]>();
  readonly #refusals: { seat: number; seenFreeAt: number; answeredAt: number }[] = [];

  /** @param keepMs nobody lets a seat go sooner after having got it. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** A buyer has the seat since `at`. */
  held(seat: number, at: number): void {
    if (this.#held.has(seat)) this.heldTwice++;
    this.#held.add(seat);
    const times = this.#heldAt.get(seat);
    if (times) times.push(at);
    else this.#heldAt.set(seat, [at]);
  }

  /** Its holder is about to release it. */
  letGo(seat: number): void {
    this.#held.delete(seat);
  }

  /** It was refused to a buyer who had seen it free before asking. */
  refused(seat: number, seenFreeAt: number, answeredAt: number): void {
    this.#refusals.push({ seat, seenFreeAt, answeredAt });
  }

  /**
   * Refusals of a seat that nobody had taken between its release and the answer. Known when all answers are in.
   * Whoever had it before got it `keepMs` before the release at least, so any later hold is one after the release.
   */
  staleRefusals(): number {
    const isStale = ({ seat, seenFreeAt, answeredAt }: { seat: number; seenFreeAt: number; answeredAt: number }) =>
      !this.#heldAt.get(seat)?.some((at) => at > seenFreeAt - this.#keepMs && at <= answeredAt + 1);
    return this.#refusals.filter(isStale).length;
  }
}
