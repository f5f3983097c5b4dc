import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Charge, Dispute, PaymentIntent, Refund, StripeEvent } from './objects.js';

/**
 * Everything the sandbox knows, in memory and in one file: a line per change, the last line of an id counts. A line is
 * written in the same moment as its change, so that a killed sandbox has forgotten nothing that it has answered.
 */
export interface PendingEvent {
  readonly event: StripeEvent;
  /** `held`: webhooks are off or it was lost; `waiting`: a delivery is due; `delivered`: the receiver has taken it. */
  state: 'held' | 'waiting' | 'delivered';
  attempts: number;
}

export interface KeptAnswer {
  readonly fingerprint: string;
  readonly status: number;
  readonly body: object;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Tables {
  readonly intent: Map<string, PaymentIntent>;
  readonly charge: Map<string, Charge>;
  readonly refund: Map<string, Refund>;
  readonly dispute: Map<string, Dispute>;
  readonly event: Map<string, PendingEvent>;
  /** By idempotency key. */
  readonly answer: Map<string, KeptAnswer>;
  /** The number of the card that an intent was last confirmed with. */
  readonly card: Map<string, string>;
}
type Table = keyof Tables;
type Value<T extends Table> = Tables[T] extends Map<string, infer V> ? V : never;

export class Store implements Tables {
  readonly intent = new Map<string, PaymentIntent>();
  readonly charge = new Map<string, Charge>();
  readonly refund = new Map<string, Refund>();
  readonly dispute = new Map<string, Dispute>();
  readonly event = new Map<string, PendingEvent>();
  readonly answer = new Map<string, KeptAnswer>();
  readonly card = new Map<string, string>();
  readonly #file: string | undefined;

  /** @param file none keeps everything in memory only. */
  constructor(file: string | undefined) {
    this.#file = file;
    if (!file) return;
    if (existsSync(file)) this.#load(readFileSync(file, 'utf8'));
    mkdirSync(dirname(file), { recursive: true });
    this.#rewrite(file);
  }

  /** Keeps a new or changed object. */
  save<T extends Table>(table: T, id: string, value: Value<T>): void {
    this.#table(table).set(id, value);
    if (this.#file) appendFileSync(this.#file, line(table, id, value));
  }

  #load(text: string): void {
    for (const row of text.split('\n')) {
      const parsed = parse(row);
      if (parsed) this.#table(parsed.table).set(parsed.id, parsed.value);
    }
  }

  /** One line per object again. Delivered events are history and are left out. */
  #rewrite(file: string): void {
    for (const [id, { state }] of this.event) {
      if (state === 'delivered') this.event.delete(id);
    }
    let text = '';
    for (const table of tables) {
      for (const [id, value] of this.#table(table)) text += line(table, id, value);
    }
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  #table(table: Table): Map<string, unknown> {
    return this[table];
  }
}

/** All of one intent, or of every one. */
export function newestFirst<T extends { readonly payment_intent: string }>(
  table: ReadonlyMap<string, T>,
  intentId: string | undefined,
): T[] {
  const all = [...table.values()].reverse();
  return all.filter(({ payment_intent }) => intentId === undefined || payment_intent === intentId);
}

const tables: readonly Table[] = ['intent', 'charge', 'refund', 'dispute', 'event', 'answer', 'card'];

function line(table: Table, id: string, value: unknown): string {
  return `${JSON.stringify([table, id, value])}\n`;
}

/** The last line of a killed sandbox can be cut short; it is skipped. */
function parse(row: string): { table: Table; id: string; value: unknown } | undefined {
  if (row === '') return undefined;
  try {
    const [name, id, value]: unknown[] = JSON.parse(row);
    const table = tables.find((known) => known === name);
    return table && typeof id === 'string' ? { table, id, value } : undefined;
  } catch {
    return undefined;
  }
}
