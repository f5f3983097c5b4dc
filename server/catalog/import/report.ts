/** Where in a file: a JSON pointer, a line (and column, by its heading) of a table, or a byte that is no text. */
export type Place =
  | { readonly pointer: string }
  | { readonly line: number; readonly column?: string | number }
  | { readonly byte: number; readonly line: number };

export interface Finding {
  readonly place: Place;
  readonly detail: string;
}

/** Findings in the order in which they were made; beyond `bound` they are only counted. */
export interface Findings {
  readonly listed: readonly Finding[];
  readonly omitted: number;
}

const bound = 200;

/** What is wrong with a file (errors), and what was changed or left out on the way (warnings). */
export class Report {
  readonly errors = new Collection();
  readonly warnings = new Collection();

  error(place: Place, detail: string): void {
    this.errors.add({ place, detail });
  }

  warn(place: Place, detail: string): void {
    this.warnings.add({ place, detail });
  }

  get failed(): boolean {
    return this.errors.listed.length > 0;
  }
}

class Collection implements Findings {
  readonly listed: Finding[] = [];
  omitted = 0;

  add(finding: Finding): void {
    if (this.listed.length < bound) this.listed.push(finding);
    else this.omitted++;
  }
}

export function placeText(place: Place): string {
  if ('pointer' in place) return place.pointer === '' ? 'the whole file' : place.pointer;
  if ('byte' in place) return `line ${place.line}, byte ${place.byte}`;
  if (place.column === undefined) return `line ${place.line}`;
  return `line ${place.line}, column ${place.column}`;
}

/** One step of a JSON pointer (RFC 6901). */
export function pointerStep(key: string | number): string {
  return `/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`;
}
