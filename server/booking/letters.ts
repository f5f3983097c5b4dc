import { toBuffer } from 'qrcode';
import { z } from 'zod';
import { calendarFile } from '../catalog/calendar.js';
import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';
import type { Attachment, Delivery, Letter, LetterKind } from '../delivery/delivery.js';
import { type Block, htmlOf, textOf } from './letter-page.js';
import type { TicketSigner } from './tickets.js';

/** What buyers are written, from what the booking is when the letter leaves. Times are the venue's own. */
export interface LetterWriter {
  /** Undefined when it has nothing to say any more. */
  write(delivery: Delivery): Promise<Letter | undefined>;
}

interface Ticket {
  readonly id: string;
  readonly label: string;
  readonly category: string;
  readonly amount: number;
  readonly live: boolean;
  readonly refundId: string | null;
}

interface BookingOfLetter {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly amount: number;
  readonly currency: string;
  readonly event: string;
  readonly title: string;
  readonly startsAt: number;
  readonly status: string;
  readonly version: number;
  readonly venue: { readonly name: string; readonly city: string; readonly address: string; readonly timeZone: string };
  readonly tickets: readonly Ticket[];
}

interface Content {
  readonly subject: string;
  readonly blocks: readonly Block[];
  readonly attachments?: readonly Attachment[];
}

const aboutSchema = z.object({
  refundId: z.string().optional(),
  refunded: z.number().optional(),
  reason: z.string().optional(),
});
type About = z.output<typeof aboutSchema>;

/** What letters are made from. */
interface Means {
  readonly db: Query;
  readonly signer: TicketSigner;
  readonly publicUrl: string;
}

type Write = (means: Means, booking: BookingOfLetter, about: About) => Promise<Content | undefined> | Content;

const writers: Readonly<Record<LetterKind, Write>> = {
  tickets: ticketsLetter,
  refunded: refundLetter,
  moneyReturned: returnedLetter,
  offer: offerLetter,
  eventMoved: movedLetter,
  eventCalledOff: calledOffLetter,
};

export function createLetterWriter(means: Means): LetterWriter {
  return {
    async write({ kind, bookingId, body }) {
      const booking = await readBooking(means.db, bookingId);
      const content =
        booking && (await writers[kind as LetterKind](means, booking, aboutSchema.parse(JSON.parse(body))));
      if (!content) return undefined;
      const { subject, blocks, attachments = [] } = content;
      const page = { title: subject, greeting: `Dear ${booking.name},`, blocks, footer: `Booking ${booking.id}` };
      const to = { name: booking.name, address: booking.email };
      return { to, subject, text: textOf(page), html: htmlOf(page), attachments };
    },
  };
}

async function ticketsLetter(means: Means, booking: BookingOfLetter): Promise<Content | undefined> {
  const live = booking.tickets.filter((ticket) => ticket.live);
  if (live.length === 0) return undefined;
  const codes = await Promise.all(
    live.map(async (ticket, at): Promise<Attachment> => {
      const text = means.signer.sign({ ticket: ticket.id, event: booking.event, seat: ticket.label });
      const content = await toBuffer(text, { errorCorrectionLevel: 'L', scale: 4, margin: 3 });
      return { filename: `ticket-${at + 1}.png`, type: 'image/png', content, cid: ticket.id };
    }),
  );
  const tickets = live.map(
    (ticket): Block => ({
      kind: 'ticket',
      seat: ticket.label,
      detail: `${ticket.category} · ${money(ticket.amount, booking.currency)}`,
      cid: ticket.id,
      id: ticket.id,
    }),
  );
  return {
    subject: `Your ${live.length === 1 ? 'ticket' : 'tickets'} for ${booking.title}`,
    blocks: [
      {
        kind: 'text',
        text: `Here ${live.length === 1 ? 'is your ticket' : 'are your tickets'} for ${booking.title}.`,
      },
      { kind: 'text', text: place(booking) },
      {
        kind: 'text',
        text: 'Show the code at the door, on your phone or on paper. Each code admits one person, once.',
      },
      ...tickets,
      eventLink(means, booking, 'The event’s page'),
    ],
    attachments: [...codes, calendarOf(means, booking)],
  };
}

async function refundLetter(
  { db }: Means,
  booking: BookingOfLetter,
  { refundId }: About,
): Promise<Content | undefined> {
  const refund = await db.one<{ amount: number; reason: string; outside: boolean }>(
    // What staff note about a single refund is for staff; that of a whole event is for everyone.
    `select amount, case when event_refund_id is null then '' else reason end as reason,
       exists (select from outside_payments o where o.booking_id = r.booking_id) as outside
     from refunds r where id = $1`,
    [refundId],
  );
  if (!refund) return undefined;
  const ended = booking.tickets.filter((ticket) => ticket.refundId === refundId).map(({ label }) => label);
  const amount = money(refund.amount, booking.currency);
  const how = refund.outside
    ? `${amount} goes back to you from where you paid it.`
    : `${amount} goes back to the card that you paid with. Banks take up to ten days to show it.`;
  return {
    subject: `Your refund for ${booking.title}`,
    blocks: [
      ...(refund.reason === '' ? [] : [{ kind: 'text' as const, text: refund.reason }]),
      ...(refund.amount === 0 ? [] : [{ kind: 'text' as const, text: how }]),
      { kind: 'text', text: `No longer valid: ${ended.join(', ')}.` },
      { kind: 'text', text: place(booking) },
    ],
  };
}

function returnedLetter(means: Means, booking: BookingOfLetter, { refunded = 0 }: About): Content {
  const amount = money(booking.amount, booking.currency);
  const how =
    refunded > 0
      ? `${amount} goes back to your card. Banks take up to ten days to show it.`
      : `Your bank had set ${amount} aside for it; that is lifted, and nothing was taken.`;
  return {
    subject: `Your payment for ${booking.title} came too late`,
    blocks: [
      { kind: 'text', text: 'Your payment came after the time for it was over, and your seats were gone by then.' },
      { kind: 'text', text: how },
      eventLink(means, booking, 'See what is left'),
    ],
  };
}

/** Undefined when the offer has ended before the letter leaves. */
async function offerLetter(means: Means, booking: BookingOfLetter): Promise<Content | undefined> {
  const offer = await means.db.one<{ expires_at: Date }>(
    "select expires_at from offers where booking_id = $1 and status = 'open' and expires_at > now()",
    [booking.id],
  );
  if (!offer) return undefined;
  const until = new Intl.DateTimeFormat('en-GB', {
    timeZone: booking.venue.timeZone,
    timeStyle: 'medium',
  }).format(offer.expires_at);
  return {
    subject: `Other seats for ${booking.title}? Until ${until}`,
    blocks: [
      { kind: 'text', text: 'Your payment came after the time for it was over, and your seats were gone by then.' },
      {
        kind: 'text',
        text: `We keep others for you, in the same price category or a dearer one at the price that you paid, until ${until} (${booking.venue.city}). Without your answer the money goes back.`,
      },
      { kind: 'link', text: 'See them, and say yes or no', url: `${means.publicUrl}/bookings/${booking.id}` },
    ],
  };
}

function movedLetter(means: Means, booking: BookingOfLetter, { reason = '' }: About): Content {
  return {
    subject: `New date: ${booking.title}`,
    blocks: [
      { kind: 'text', text: `${booking.title} takes place at another time. Your tickets stay valid.` },
      { kind: 'text', text: place(booking) },
      { kind: 'text', text: reason },
      eventLink(means, booking, 'The event’s page'),
    ],
    attachments: [calendarOf(means, booking)],
  };
}

function calledOffLetter(means: Means, booking: BookingOfLetter, { reason = '' }: About): Content {
  return {
    subject: `Called off: ${booking.title}`,
    blocks: [
      { kind: 'text', text: `${booking.title} does not take place.` },
      { kind: 'text', text: reason },
      { kind: 'text', text: place(booking) },
    ],
    attachments: [calendarOf(means, booking)],
  };
}

function calendarOf(means: Means, booking: BookingOfLetter): Attachment {
  const { title, startsAt, venue, event, status, version } = booking;
  const file = calendarFile({
    uid: event,
    title,
    startsAt,
    venue,
    url: addressOf(means, booking),
    cancelled: status === 'cancelled',
    sequence: version,
  });
  return { filename: 'event.ics', type: 'text/calendar; charset=utf-8', content: Buffer.from(file) };
}

function eventLink(means: Means, booking: BookingOfLetter, text: string): Block {
  return { kind: 'link', text, url: addressOf(means, booking) };
}

function addressOf({ publicUrl }: Means, { event }: BookingOfLetter): string {
  return `${publicUrl}/events/${event}`;
}

function readBooking(db: Query, id: string): Promise<BookingOfLetter | undefined> {
  return db.one<BookingOfLetter>(
    `select b.id, b.buyer_name as name, b.buyer_email as email, b.amount, b.currency, b.event_id as event, e.title,
       ${millis('e.starts_at')} as "startsAt", e.status, e.version,
       json_build_object('name', v.name, 'city', v.city, 'address', v.address, 'timeZone', v.time_zone) as venue,
       coalesce((select json_agg(json_build_object('id', t.id, 'label', t.label, 'amount', t.amount, 'live', t.live,
          'refundId', t.refund_id, 'category', coalesce(p.name, t.category)) order by t.seat)
          from tickets t left join prices p on p.event_id = t.event_id and p.version = b.price_version
            and p.category = t.category where t.booking_id = b.id), '[]') as tickets
     from bookings b join events e on e.id = b.event_id join venues v on v.id = e.venue_id where b.id = $1`,
    [id],
  );
}

function place({ startsAt, venue }: BookingOfLetter): string {
  const when = new Intl.DateTimeFormat('en-GB', {
    timeZone: venue.timeZone,
    dateStyle: 'full',
    timeStyle: 'short',
  }).format(startsAt);
  return [when, venue.name, venue.address, venue.city].filter((part) => part !== '').join(', ');
}

function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
