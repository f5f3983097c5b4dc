import { invalidParameter, missingParameter } from './errors.js';

/**
 * A form-encoded body with Stripe's brackets: `a[b]=1&c[0]=2` is read by the flat names `a[b]` and `c[0]`. Nothing is
 * built from names that a client chose, so no name can be harmful.
 */
export class Form {
  readonly #values: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.#values = new Map(new URLSearchParams(text));
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  requiredText(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw missingParameter(name);
    return value;
  }

  /** A whole number of at least 1. */
  count(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (!/^[1-9]\d{0,11}$/.test(value)) throw invalidParameter(name, `Invalid integer: ${value}`);
    return Number(value);
  }

  requiredCount(name: string): number {
    const value = this.count(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  /** `name[0]`, `name[1]`, … */
  list(name: string): string[] {
    const items: string[] = [];
    for (let i = 0; ; i++) {
      const item = this.#values.get(`${name}[${i}]`);
      if (item === undefined) return items;
      items.push(item);
    }
  }

  /** `name[key]` for every key, as a plain record. */
  record(name: string): Record<string, string> {
    const entries: [string, string][] = [];
    for (const [key, value] of this.#values) {
      const match = /^([^[]+)\[([^\]]+)\]$/.exec(key);
      if (match?.[1] === name && match[2] !== undefined) entries.push([match[2], value]);
    }
    return Object.fromEntries(entries);
  }

  /** The same for the same values in any order: what an idempotency key is compared by. */
  fingerprint(): string {
    return JSON.stringify([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
