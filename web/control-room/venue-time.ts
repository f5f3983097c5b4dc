/** Times as the venue's own clock shows them: that is what staff mean when they type one. */
const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

export function shownTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** To the second, for what happened. */
export function shownMoment(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** On the clock of whoever looks, for what belongs to no venue. */
export function localMoment(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** For an `<input type="datetime-local">`: `2027-03-01T19:30`. */
export function toLocal(at: number, timeZone: string): string {
  const shown = new Date(at + offsetMs(at, timeZone));
  const date = `${pad(shown.getUTCFullYear(), 4)}-${pad(shown.getUTCMonth() + 1)}-${pad(shown.getUTCDate())}`;
  return `${date}T${pad(shown.getUTCHours())}:${pad(shown.getUTCMinutes())}`;
}

/** Milliseconds since 1970; undefined for an empty field. In the hour that comes twice in autumn, the first one. */
export function fromLocal(text: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // The offset at the time as if it were UTC may be that of another season; that of the result is right.
  const near = asUtc - offsetMs(asUtc, timeZone);
  return asUtc - offsetMs(near, timeZone);
}

/** How far the venue's clock is ahead of UTC at this time. */
function offsetMs(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}
