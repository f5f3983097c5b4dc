import { limits } from '../../protocol/limits.js';

/**
 * The judge of what viewers are shown: the map of a viewer that is not marked as stale is what the truth was at some
 * moment of the last five seconds. It knows digests only; what they are of is the caller's matter.
 */
export interface Sample {
  readonly who: string;
  /** Monotonic ms. */
  readonly at: number;
  readonly digest: number;
  /** What the page says of its map. */
  readonly live: boolean;
}

export interface Verdict {
  readonly who: string;
  readonly at: number;
  /** How long the shown map had not been the truth, ms; Infinity: it never was. */
  readonly lagMs: number;
}

/** For timers and readings of a busy machine. */
const TOLERANCE_MS = 350;
/** The truth is heard a moment after it has become so, and later where a process has hundreds of pages to serve. */
const TOLD_WITHIN_MS = 3_000;

export class StaleJudge {
  /** By digest: until when it was the truth. */
  readonly #until = new Map<number, number>();
  readonly #waiting: Sample[] = [];
  readonly #untold: { readonly from: number; readonly to: number }[] = [];
  readonly faults: Verdict[] = [];
  /** Looks at what nobody has told, while some of the truth is known to be untold. */
  excused = 0;
  #current: number | undefined;
  samples = 0;
  /** Of samples that were live. */
  live = 0;
  longestLagMs = 0;

  /** From now on the truth is this; or, when `over`, this was the truth for a moment before what is known already. */
  truth(at: number, digest: number, over = false): void {
    if (over) {
      this.#until.set(digest, Math.max(at, this.#until.get(digest) ?? 0));
      return;
    }
    if (this.#current !== undefined) this.#until.set(this.#current, at);
    this.#current = digest;
    // It is the truth until further notice.
    this.#until.set(digest, Number.POSITIVE_INFINITY);
  }

  /** Between these times there were truths that nobody has told: the first ones of an epoch, when Redis came back. */
  untold(from: number, to: number): void {
    this.#untold.push({ from, to: to + limits.staleMs });
  }

  sample(sample: Sample): void {
    this.samples++;
    if (!sample.live) return;
    this.live++;
    this.#waiting.push(sample);
  }

  /** Judges what is old enough that its truth has been told. `at`: now; Infinity for all. */
  settle(at: number): void {
    while ((this.#waiting[0]?.at ?? Number.POSITIVE_INFINITY) < at - TOLD_WITHIN_MS) {
      const sample = this.#waiting.shift();
      if (sample) this.#judge(sample);
    }
  }

  #judge({ who, at, digest }: Sample): void {
    const until = this.#until.get(digest);
    if (until === undefined && this.#untold.some(({ from, to }) => at >= from && at <= to)) {
      this.excused++;
      return;
    }
    const lagMs = until === undefined ? Number.POSITIVE_INFINITY : Math.max(0, at - until);
    if (Number.isFinite(lagMs)) this.longestLagMs = Math.max(this.longestLagMs, lagMs);
    if (lagMs > limits.staleMs + TOLERANCE_MS) this.faults.push({ who, at, lagMs });
  }
}
