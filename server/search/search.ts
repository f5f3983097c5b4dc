/**
 * What is found for what buyers type. Interface of the search domain; Postgres is one implementation of it.
 *
 * What is typed may be any words of a title, a performer, a venue, a city, a genre or the text about the event, in any
 * order, without accents, the last one unfinished. When nothing has all of these words, words that are spelt nearly so
 * are tried: one letter wrong in words of four letters or more, two in words of eight or more. Words that mean the same
 * (`synonyms.ts`) are as good as those typed.
 */
export interface SearchQuery {
  /** Empty: everything that fits the rest. */
  readonly text: string;
  readonly genre?: string | undefined;
  readonly city?: string | undefined;
  readonly venue?: string | undefined;
  /** Of the event's start, ms since 1970; from included, to not. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly near?: { readonly latitude: number; readonly longitude: number; readonly km: number } | undefined;
  /** The cheapest seat costs no more, minor units. */
  readonly maxAmount?: number | undefined;
  readonly onSale?: boolean | undefined;
  readonly sort: SearchSort;
  readonly limit: number;
  /** How many to leave out. */
  readonly offset: number;
}

export const searchSorts = ['relevance', 'date', 'distance', 'popularity'] as const;
export type SearchSort = (typeof searchSorts)[number];

export interface SearchFound {
  /** Ids of events, the best first. */
  readonly events: readonly string[];
  /** At most `countLimit`, which means that many or more. */
  readonly count: number;
  /** Where words were misspelt: what was looked for instead, in the order of what was typed. */
  readonly corrected: string | undefined;
  /** Words of the documents that fit, for highlighting: lower case, without accents. */
  readonly words: readonly string[];
  readonly facets: Readonly<Record<SearchFacet, readonly FacetCount[]>>;
  /** Another search than the usual one has answered. */
  readonly isFallBack?: boolean;
}

/** Counts are exact to here. */
export const countLimit = 1_000;
export const searchFacets = ['genre', 'city'] as const;
export type SearchFacet = (typeof searchFacets)[number];

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

export interface Search {
  /**
   * Before anything is put: sets up what it has to know beside documents. False: it has none of ours, and has to be filled with
   * `replaceAll`. @throws Fault `unavailable`
   */
  begin(): Promise<boolean>;
  /** @throws Fault `unavailable` when it cannot answer in time. */
  find(query: SearchQuery): Promise<SearchFound>;
  /** Adds or replaces. */
  put(documents: readonly SearchDocument[]): Promise<void>;
  remove(events: readonly string[]): Promise<void>;
  /** These are all that there are; what is found meanwhile stays what it was, or is new already. */
  replaceAll(batches: () => AsyncIterable<readonly SearchDocument[]>): Promise<void>;
}

/** An event as it is searched. Times in ms since 1970. */
export interface SearchDocument {
  readonly event: string;
  readonly title: string;
  readonly performers: readonly string[];
  readonly venue: string;
  readonly venueId: string;
  readonly city: string;
  readonly country: string;
  readonly genre: string;
  readonly about: string;
  readonly startsAt: number;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** The cheapest seat, minor units. */
  readonly fromAmount: number | null;
  readonly currency: string;
  readonly status: string;
  readonly opensAt: number;
  readonly closesAt: number | null;
  readonly popularity: number;
}
