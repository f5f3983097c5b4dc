import { standardType } from '../../protocol/prices.js';
import type { VenueKind } from '../catalog/generate-chart.js';
import type { NewPerformer, NewVenue } from '../catalog/input.js';

/** What the demo shows: invented houses, artists and dates. */

export interface DemoVenue {
  readonly kind: VenueKind;
  readonly seed: number;
  readonly currency: 'eur' | 'usd';
  readonly venue: NewVenue;
}

export interface DemoEvent {
  readonly venue: VenueName;
  readonly performers: readonly PerformerName[];
  readonly title: string;
  readonly about: string;
  readonly genre: string;
  /** From the day of the seed; the hour is of the venue's evening in UTC. */
  readonly inDays: number;
  readonly hour: number;
  /** Minutes from now until the sale opens; not given: it is open. */
  readonly opensInMinutes?: number;
  /** Whether it has been announced only: dates are known, the sale has not been set up. */
  readonly announced?: boolean;
  /** Price of the dearest category, minor units. */
  readonly top: number;
  /** Share of seats that the box office has given away, so that the map is alive. */
  readonly soldShare: number;
  /** Further dates of it, and what share of each is gone. */
  readonly moreDates?: readonly { readonly inDays: number; readonly soldShare: number }[];
  /** Seats off sale, by label, with the reason. */
  readonly blocked?: { readonly reason: string; readonly labels: readonly string[] };
}

type VenueName = keyof typeof venues;
type PerformerName = keyof typeof performers;

export const venues = {
  halcyon: {
    kind: 'arena',
    seed: 1,
    currency: 'eur',
    venue: {
      name: 'Halcyon Dome',
      city: 'Rotterdam',
      country: 'NL',
      address: 'Maaskade 210',
      timeZone: 'Europe/Amsterdam',
      latitude: 51.913,
      longitude: 4.491,
    },
  },
  sternsaal: {
    kind: 'theatre',
    seed: 1,
    currency: 'eur',
    venue: {
      name: 'Sternsaal Playhouse',
      city: 'Vienna',
      country: 'AT',
      address: 'Rosengasse 4',
      timeZone: 'Europe/Vienna',
      latitude: 48.208,
      longitude: 16.367,
    },
  },
  aurora: {
    kind: 'stadium',
    seed: 1,
    currency: 'eur',
    venue: {
      name: 'Aurora Stadium',
      city: 'Lisbon',
      country: 'PT',
      address: 'Avenida do Farol 1',
      timeZone: 'Europe/Lisbon',
      latitude: 38.752,
      longitude: -9.185,
    },
  },
  juniper: {
    kind: 'arena',
    seed: 2,
    currency: 'usd',
    venue: {
      name: 'Juniper Arena',
      city: 'Denver',
      country: 'US',
      address: '1400 Juniper Street',
      timeZone: 'America/Denver',
      latitude: 39.748,
      longitude: -105.007,
    },
  },
} as const satisfies Record<string, DemoVenue>;

export const performers = {
  tides: {
    name: 'The Paper Tides',
    genre: 'Indie rock',
    about: 'Five friends from a harbour town, three albums, one very large drum.',
  },
  ines: {
    name: 'Inês Valadão',
    genre: 'Fado',
    about: 'A voice that fills a square without a microphone, and a stadium with one.',
  },
  volt: { name: 'VOLT//AIR', genre: 'Electronic', about: 'Modular synthesisers, two people, a wall of light.' },
  quartet: {
    name: 'Aldgate Quartet',
    genre: 'Chamber music',
    about: 'Late Beethoven and new commissions, played by heart.',
  },
  marlow: { name: 'Ruby Marlow', genre: 'Soul', about: 'Seven brass players and the warmest contralto on the road.' },
  company: {
    name: 'Lantern Company',
    genre: 'Theatre',
    about: 'An ensemble of fourteen who build every set themselves.',
  },
  petrov: { name: 'Mila Petrova', genre: 'Comedy', about: 'Stand-up about numbers, neighbours and night trains.' },
  gravel: { name: 'Gravel Roads', genre: 'Country', about: 'Pedal steel, close harmony and long distances.' },
  nine: { name: 'Nine Lanterns', genre: 'Pop', about: 'The band that half of every school bus knows by heart.' },
  atlantic: { name: 'Atlantic FC', genre: 'Football', about: 'Home side of the Aurora Stadium since its first match.' },
  rovers: { name: 'Ribeira Rovers', genre: 'Football', about: 'Guests from up the coast, never quiet.' },
  ballet: { name: 'Danube Dance Theatre', genre: 'Dance', about: 'Contemporary ballet with a live orchestra.' },
} as const satisfies Record<string, NewPerformer>;

const seats = (row: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${row}-${from + at}`);

const soundDesk = {
  reason: 'Sound desk',
  labels: ['FE-12', 'FE-13', 'FE-14'].flatMap((row) => seats(row, 5, 12)),
};
const houseSeats = { reason: 'House seats', labels: [...seats('STALLS-E', 12, 17), ...seats('CIRCLE-A', 18, 21)] };

export const events: readonly DemoEvent[] = [
  {
    venue: 'halcyon',
    performers: ['tides', 'marlow'],
    title: 'The Paper Tides: Low Water Tour',
    about: 'The only show in the Netherlands this year, with Ruby Marlow and her band opening the evening.',
    genre: 'Indie rock',
    inDays: 24,
    hour: 19,
    top: 12_500,
    soldShare: 0.12,
    blocked: soundDesk,
  },
  {
    venue: 'sternsaal',
    performers: ['company'],
    title: 'The Glass Orchard',
    about: 'A family, a debt and one long summer night. A new play in two acts.',
    genre: 'Theatre',
    inDays: 9,
    hour: 18,
    top: 8_900,
    soldShare: 0.38,
    moreDates: [
      { inDays: 10, soldShare: 1 },
      { inDays: 11, soldShare: 0.93 },
      { inDays: 17, soldShare: 0.21 },
      { inDays: 18, soldShare: 0.17 },
    ],
    blocked: houseSeats,
  },
  {
    venue: 'aurora',
    performers: ['nine'],
    title: 'Nine Lanterns: Everyone, Everywhere',
    about: 'The closing night of the world tour, in the largest house of the coast.',
    genre: 'Pop',
    inDays: 61,
    hour: 20,
    top: 16_500,
    soldShare: 0.06,
  },
  {
    venue: 'juniper',
    performers: ['gravel'],
    title: 'Gravel Roads: Homecoming',
    about: 'Back in the mountains with a new record and the whole band.',
    genre: 'Country',
    inDays: 33,
    hour: 2,
    top: 14_900,
    soldShare: 0.09,
    blocked: soundDesk,
  },
  {
    venue: 'halcyon',
    performers: ['volt'],
    title: 'VOLT//AIR: Grid',
    about: 'Tickets go on sale in a moment. Have your account ready.',
    genre: 'Electronic',
    inDays: 80,
    hour: 20,
    opensInMinutes: 20,
    top: 9_500,
    soldShare: 0,
  },
  {
    venue: 'sternsaal',
    performers: ['quartet'],
    title: 'Aldgate Quartet: The Late Quartets',
    about: 'Opus 127, 131 and 135 in one evening, with two intervals.',
    genre: 'Chamber music',
    inDays: 16,
    hour: 18,
    top: 6_400,
    soldShare: 0.22,
    blocked: houseSeats,
  },
  {
    venue: 'aurora',
    performers: ['atlantic', 'rovers'],
    title: 'Atlantic FC – Ribeira Rovers',
    about: 'The coast derby.',
    genre: 'Football',
    inDays: 12,
    hour: 19,
    top: 7_500,
    soldShare: 0.05,
  },
  {
    venue: 'sternsaal',
    performers: ['ballet'],
    title: 'Danube Dance Theatre: Rivers',
    about: 'Four rivers, four choreographers, one orchestra.',
    genre: 'Dance',
    inDays: 40,
    hour: 18,
    top: 7_800,
    soldShare: 0.1,
  },
  {
    venue: 'juniper',
    performers: ['petrov'],
    title: 'Mila Petrova: Rounding Errors',
    about: 'A new hour, in the round.',
    genre: 'Comedy',
    inDays: 47,
    hour: 2,
    top: 6_900,
    soldShare: 0.04,
  },
  {
    venue: 'halcyon',
    performers: ['marlow'],
    title: 'Ruby Marlow & the Brass',
    about: 'Seven brass players, two encores at least.',
    genre: 'Soul',
    inDays: 54,
    hour: 19,
    top: 8_200,
    soldShare: 0.07,
    blocked: soundDesk,
  },
  {
    venue: 'aurora',
    performers: ['ines', 'quartet'],
    title: 'Inês Valadão with strings',
    about: 'Songs of the harbour under the open roof.',
    genre: 'Fado',
    inDays: 95,
    hour: 20,
    top: 11_000,
    soldShare: 0.02,
  },
  {
    venue: 'juniper',
    performers: ['nine', 'tides'],
    title: 'Nine Lanterns + The Paper Tides',
    about: 'One stage, two bands. On sale later this month.',
    genre: 'Pop',
    inDays: 140,
    hour: 2,
    opensInMinutes: 14 * 24 * 60,
    announced: true,
    top: 15_500,
    soldShare: 0,
  },
];

/** Id, name, and share of the category's price in per cent. */
export const ticketTypes: Readonly<Record<VenueKind, readonly (readonly [string, string, number])[]>> = {
  theatre: [
    [standardType.id, 'Adult', 100],
    ['under-26', 'Under 26', 50],
    ['companion', 'Companion', 0],
  ],
  arena: [[standardType.id, standardType.name, 100]],
  stadium: [[standardType.id, standardType.name, 100]],
};

/** What each category is called, and its share of the dearest one's price in per cent. */
export const tariffs: Readonly<Record<VenueKind, readonly (readonly [string, string, number])[]>> = {
  theatre: [
    ['premium', 'Premium', 100],
    ['boxes', 'Box', 88],
    ['stalls', 'Stalls', 72],
    ['circle', 'Dress circle', 62],
    ['balcony', 'Balcony', 38],
    ['restricted', 'Restricted view', 24],
  ],
  arena: [
    ['floor', 'Floor, seated', 100],
    ['standing', 'Standing pit', 84],
    ['premium', 'Premium tier', 92],
    ['gold', 'Gold', 76],
    ['silver', 'Silver', 60],
    ['bronze', 'Bronze', 46],
    ['upper', 'Upper tier', 34],
  ],
  stadium: [
    ['premium', 'Halfway line', 100],
    ['club', 'Club tier', 90],
    ['one', 'Category 1', 72],
    ['two', 'Category 2', 56],
    ['three', 'Category 3', 44],
    ['four', 'Category 4', 32],
    ['five', 'Category 5', 22],
  ],
};
