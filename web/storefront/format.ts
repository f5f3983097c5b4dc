import { browserClock } from '../../client-sdk/clock.js';
import { formatMoney } from '../../client-sdk/elements/money.js';
import type { EventView, VenueView } from '../../protocol/http.js';

/** Numbers and times in words. The pages are English; an English browser chooses its own region. */
const locale = navigator.language.startsWith('en') ? navigator.language : 'en-GB';

export function money(amount: number, currency: string): string {
  return formatMoney(amount, currency, locale);
}

export function count(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** At the venue's own time: a show at 20:00 is at 20:00 there, wherever the buyer sits. */
export function venueTime(at: number, venue: VenueView, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { timeZone: venue.timeZone, ...options }).format(at);
}

export function longDate(event: EventView): string {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return venueTime(event.startsAt, event.venue, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...(here === event.venue.timeZone ? {} : { timeZoneName: 'short' }),
  });
}

const NEAR_MS = 6 * 86_400_000;

/** On the buyer's own clock: `Friday 10:00`, or with the date when that is not one of the next days. */
export function clockTime(at: number): string {
  const isNear = at - browserClock.now() < NEAR_MS;
  const day = isNear ? { weekday: 'long' as const } : { day: 'numeric' as const, month: 'long' as const };
  return new Intl.DateTimeFormat(locale, { ...day, hour: 'numeric', minute: '2-digit' }).format(at);
}
