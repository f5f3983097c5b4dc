import type { Refusal } from '../result.js';
import { formatMoney } from './money.js';

/** All that the elements say to buyers. A page of another language hands in its own words by `defineElements({ words })`. */
const english = {
  /** What a refusal means for the buyer, and what they can do. One without a sentence says the server's own. */
  refusals: {
    taken: 'Someone was faster: that seat has just been taken.',
    limit: 'That would be more seats than one buyer may have.',
    holdTime: 'This hold cannot be made any longer. Please check out now.',
    notOpen: 'The sale has not opened yet.',
    closed: 'The sale is over.',
    paused: 'The sale is paused for a moment. Your held seats stay yours.',
    codeNeeded: 'This is a presale: until it ends a code is needed.',
    codeWrong: 'This code is not known here, or has been used already.',
    notAdmitted: 'This event has a waiting room, and your turn has not come yet.',
    priceChanged: 'The prices have changed. Please release the seats and choose again.',
    unknownTicketType: 'This ticket is no longer sold. Please choose another one.',
    gone: 'These seats are no longer held for you. Please choose again.',
    paying: 'These seats are being paid for already.',
    soldOut: 'There are not enough places left.',
    heldTooLong: 'You have held seats of this event for as long as one buyer may. Others have a turn now.',
    accessible: 'This place is kept for people who use a wheelchair and those who come with them.',
    orphan: 'That would leave a single seat beside it that nobody could use. There is another one as good.',
    noRun: 'No seats are left that fit this wish.',
    rateLimited: 'That was too fast for us. Please wait a moment.',
    unavailable: 'The box office is not available right now. Nothing is lost: try again shortly.',
    timeout: 'That took too long. Please try again.',
    notFound: 'There is nothing here. It may have been taken down.',
  } as Partial<Record<Refusal['reason'], string>>,

  /** @param amount in minor units. @param locale of the element, or of the page. */
  price: (amount: number, currency: string, locale?: string): string => formatMoney(amount, currency, locale),
  section: 'Section',
  row: 'Row',
  seat: 'Seat',
  area: 'Area',
  place: 'Place',

  mapKeys: 'Seat map. Arrow keys move from seat to seat, Enter holds or releases, plus and minus zoom.',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  wholeMap: 'Show the whole map',
  loading: 'Loading…',
  outage: 'The box office does not answer. It is asked again.',
  freeOf: (free: number, total: number) => `${free} of ${total} free`,
  notLive: (counted: string) => `${counted} · not live at the moment`,
  seatFree: (name: string) => `${name}, free`,
  seatNotFree: (name: string) => `${name}, not free`,
  held: (name: string) => `${name} is held for you.`,
  released: (name: string) => `${name} is released.`,

  noSeats: 'No seats yet.',
  timeOver: 'Your time ran out, and the seats are free again.',
  takenBack: 'The organiser had to take your seats back.',
  ticketFor: (name: string) => `Ticket for ${name}`,
  release: (name: string) => `Release ${name}`,
  total: 'Total',
  checkOut: 'Check out',
  beingPaid: 'These seats are being paid for.',

  timeLeft: 'Time left',
  secondsLeft: (seconds: number) => `${minutesOrSeconds(seconds)} left to check out.`,

  giveUpPlace: 'Give up my place',
  waitInLine: 'Wait in line',
  joining: 'One moment: your place in line…',
  reconnecting: 'Reconnecting to the line… Your place is kept.',
  inDraw: (entries: number) => `You are in. Places are drawn among ${entries} when the line opens.`,
  allTaken: 'Everything is taken at the moment. Seats may come back: keep your place if you like.',
  inLine: 'You are in line.',
  next: 'You are next.',
  before: (people: number) => `${people} ${people === 1 ? 'person is' : 'people are'} before you.`,
  linePaused: 'The line is paused for a moment.',
  lineFull: 'As many people are choosing as may at once: the next one is called when somebody is done.',
  lineOutOfSeats: 'Those before you may take all seats that are free. Some may come back.',
  tooFarBack: (seatsLeft: number) =>
    `Your turn may come too late: there are ${seatsLeft} seats left, fewer than people before you.`,
  eta: (likelyMinutes: number, surelyMinutes: number) =>
    likelyMinutes === surelyMinutes ? `About ${likelyMinutes} min.` : `About ${likelyMinutes} to ${surelyMinutes} min.`,

  searchEvents: 'Search events',
  searchHint: 'Artist, place, title',
  events: 'Events',
  found: (count: number) => `${count} found`,

  chooseFirst: 'Choose seats first.',
  name: 'Name',
  email: 'E-mail',
  goOn: (price: string) => `Continue: ${price}`,
  confirming: 'Your payment is being confirmed…',
  thanks: (tickets: number) =>
    `Thank you. ${tickets} ${tickets === 1 ? 'ticket is' : 'tickets are'} on the way to you.`,
};

export type Words = typeof english;

let spoken: Words = english;

export function words(): Words {
  return spoken;
}

/** What is not given stays English. Elements that are shown already keep what they have said. */
export function speak(own: Partial<Words>): void {
  spoken = { ...english, ...own, refusals: { ...english.refusals, ...own.refusals } };
}

function minutesOrSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  return seconds === 60 ? 'One minute' : `${seconds / 60} minutes`;
}
