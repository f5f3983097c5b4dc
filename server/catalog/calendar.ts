import { createEvent } from 'ics';

/** An event as a calendar file (RFC 5545). The only importer of ics. */
export interface CalendarEntry {
  /** The same entry has the same uid, so that a calendar replaces it. */
  readonly uid: string;
  readonly title: string;
  readonly startsAt: number;
  readonly venue: { readonly name: string; readonly city: string; readonly address: string };
  readonly url: string;
  readonly cancelled: boolean;
  /** Counts up when the event changes. */
  readonly sequence: number;
}

/** Nobody knows when a show ends, so only its beginning is said; RFC 5545 lets the entry end there. */
export function calendarFile({ uid, title, startsAt, venue, url, cancelled, sequence }: CalendarEntry): string {
  const { value, error } = createEvent({
    productId: 'cavea',
    uid: `${uid}@cavea`,
    title,
    start: startsAt,
    startInputType: 'utc',
    startOutputType: 'utc',
    duration: { minutes: 0 },
    location: [venue.name, venue.address, venue.city].filter((part) => part !== '').join(', '),
    url,
    status: cancelled ? 'CANCELLED' : 'CONFIRMED',
    sequence,
  });
  if (typeof value !== 'string') throw error ?? new Error('no calendar file');
  return value;
}
