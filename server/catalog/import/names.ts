import { categoryPattern, labelPartPattern } from '../chart-source.js';
import { folded } from '../plain-text.js';

const partLength = 16;
const categoryLength = 32;

/** A text as part of a seat label, which takes letters, digits, dots and underscores; '' when it has none of them. */
function labelPart(text: string): string {
  if (labelPartPattern.test(text)) return text;
  const part = text.replace(/[^\p{L}\p{M}\p{N}.]+/gu, '_').replace(/^[_\p{M}]+|_+$/gu, '');
  return cut(part, partLength).replace(/_+$/, '');
}

/** A text as key of a price category; '' when it has neither Latin letters nor digits. */
function categoryKey(text: string): string {
  if (categoryPattern.test(text)) return text;
  const key = text
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return key.slice(0, categoryLength).replace(/-+$/, '');
}

/** Gives each text a key of its own: what `shorten` makes of it, and a number behind it when that is taken. */
export class Keys {
  readonly #shorten: (text: string) => string;
  readonly #length: number;
  readonly #joint: string;
  readonly #given = new Map<string, string>();
  readonly #taken = new Set<string>();

  private constructor(shorten: (text: string) => string, length: number, joint: string) {
    this.#shorten = shorten;
    this.#length = length;
    this.#joint = joint;
  }

  static ofLabels(): Keys {
    return new Keys(labelPart, partLength, '.');
  }

  static ofCategories(): Keys {
    return new Keys(categoryKey, categoryLength, '-');
  }

  /** @returns the key, the same for texts that differ in case only; `fallback` is for a text that leaves nothing. */
  of(text: string, fallback: string): string {
    const known = this.#given.get(folded(text));
    if (known !== undefined) return known;
    const wanted = this.#shorten(text) || fallback;
    let key = wanted;
    for (let number = 2; this.#taken.has(folded(key)); number++) {
      const suffix = `${this.#joint}${number}`;
      key = `${cut(wanted, this.#length - suffix.length)}${suffix}`;
    }
    this.#taken.add(folded(key));
    this.#given.set(folded(text), key);
    return key;
  }
}

/** The first `length` characters; never half of one. */
function cut(text: string, length: number): string {
  return [...text].slice(0, length).join('');
}
