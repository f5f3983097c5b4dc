import { words } from './words.js';

/** Time that is left in words. It is read out at five, two and one minute, half a minute and ten seconds, and not in between. */
export interface TimeLeft {
  /** `4:05`; never more than is left. Empty when nothing runs. */
  readonly shown: string;
  /** At these moments only. */
  readonly spoken: string | undefined;
  /** The last minute. */
  readonly isUrgent: boolean;
}

const spokenSeconds = [300, 120, 60, 30, 10];
const urgentMs = 60_000;

/** @returns what to say of the ms that are left now; undefined when nothing runs. */
export function createTimeWords(): (leftMs: number | undefined) => TimeLeft {
  let before = Number.POSITIVE_INFINITY;
  return (leftMs) => {
    const seconds = leftMs === undefined ? Number.POSITIVE_INFINITY : Math.floor(leftMs / 1_000);
    const passed =
      before === Number.POSITIVE_INFINITY ? undefined : spokenSeconds.find((mark) => before > mark && seconds <= mark);
    before = seconds;
    return {
      shown: leftMs === undefined ? '' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
      spoken: passed === undefined ? undefined : words().secondsLeft(passed),
      isUrgent: leftMs !== undefined && leftMs <= urgentMs,
    };
  };
}
