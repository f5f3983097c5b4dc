import { type Chart, SeatAttribute } from './chart.js';

/**
 * The accessible pool: wheelchair spaces and the companion seats beside them. They are kept for parties that say they
 * need them, until the rest is sold: all of the event, of a section, or of a price category (28 CFR 36.302(f)(5)).
 */
export interface PoolRelease {
  /** The whole event's pool is open to everybody. */
  readonly all: boolean;
  /** Sections whose pool is open, by key. */
  readonly sections: string[];
  /** Price categories whose pool is open, by key. */
  readonly categories: string[];
}

/** What may be opened at a time. */
export const releaseScopes = ['all', 'section', 'category'] as const;
export type ReleaseScope = (typeof releaseScopes)[number];

export const nothingReleased: PoolRelease = { all: false, sections: [], categories: [] };

const POOL = SeatAttribute.wheelchair | SeatAttribute.companion;

export function inPool(chart: Chart, index: number): boolean {
  return ((chart.attributes[index] ?? 0) & POOL) !== 0;
}

/** Tells for each seat whether it is kept for parties that need it, given what has been released. */
export function poolKeeper(chart: Chart, release: PoolRelease): (index: number) => boolean {
  if (release.all) return () => false;
  const openSections = chart.sections.filter(({ key }) => release.sections.includes(key));
  const openCategories = new Set(release.categories.map((key) => chart.categories.indexOf(key)));
  return (index) =>
    inPool(chart, index) &&
    !openCategories.has(chart.category[index] ?? -1) &&
    !openSections.some(({ start, count }) => index >= start && index < start + count);
}
