import type { Scheme } from '../../client-sdk/map/palette.js';

/** Light or dark, as the reader's system is now. */
const dark = matchMedia('(prefers-color-scheme: dark)');

export function scheme(): Scheme {
  return dark.matches ? 'dark' : 'light';
}

/** @returns the way to stop. */
export function onScheme(listener: () => void): () => void {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
}
