import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.js';
import type { Logger } from '../core/log.js';
import type { Database, Transaction } from '../db/pool.js';
import { recordDispute } from './disputes.js';
import { record } from './effects.js';
import { webhookCount } from './figures.js';
import type { PaymentProvider, SignedEvent } from './payment.js';
import { recordRefund } from './refunds.js';
import { changed, nothingLeftToDo, review, type Verdict } from './verdict.js';

/**
 * One event of Stripe: signature, then inbox row and effect in one transaction. The event's id is the inbox's key, so a
 * repetition finds it there and does nothing. An event that cannot be used is kept for a person and answered like any
 * other: Stripe would only send it again.
 */
export interface WebhookPorts {
  readonly db: Database;
  readonly catalog: Pick<Catalog, 'chart'>;
  readonly provider: PaymentProvider;
  /** Whether events about real money are expected. */
  readonly livemode: boolean;
  readonly log: Logger;
}

/** They change a booking. */
const decisive: ReadonlySet<string> = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.canceled',
]);
/** They tell nothing that we act upon: a buyer whose card was declined may try another. */
const harmless: ReadonlySet<string> = new Set([
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.processing',
  'payment_intent.payment_failed',
  'charge.succeeded',
  'charge.captured',
  'charge.updated',
  'charge.failed',
  // A refund has events of its own, which say more.
  'charge.refunded',
]);
/** Money that goes back, whoever has sent it. */
const refunds: ReadonlySet<string> = new Set([
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
]);

/** The buyer's bank wants a payment back, or has decided. */
const disputes: ReadonlySet<string> = new Set([
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]);

/**
 * @returns the booking that has something left to do outside of the transaction, which is committed.
 * @throws Fault `badRequest` when the signature does not hold; no statement has been sent then.
 * @throws Fault `unavailable` when it could not be recorded: Stripe sends it again.
 */
export async function receiveEvent(ports: WebhookPorts, body: Buffer, signature: string): Promise<string | undefined> {
  const event = ports.provider.verify(body, signature);
  return take(ports, event, body.toString(), createHash('sha256').update(body).digest());
}

/**
 * An event that the provider was asked for because it never came. It may still come: its bytes will be others.
 * @returns as `receiveEvent`.
 */
export function receiveMissed(ports: WebhookPorts, event: SignedEvent, text: string): Promise<string | undefined> {
  return take(ports, event, text, askedFor);
}

/** In place of the hash of an event's bytes. */
const askedFor = Buffer.alloc(0);

async function take(ports: WebhookPorts, event: SignedEvent, text: string, hash: Buffer): Promise<string | undefined> {
  const { db, log } = ports;
  const verdict = await db.transaction(async (tx) => {
    if (!(await isNew(tx, event, text, hash))) return (await isSame(tx, event, hash)) ? 'repeated' : 'altered';
    const found = await judge(ports, tx, event);
    if (found.review) await keepForReview(tx, event.id, found.review);
    return found;
  });
  if (verdict === 'altered') log.error({ event: event.id, type: event.type }, 'an event came again with another body');
  if (typeof verdict === 'string') {
    webhookCount.inc({ result: verdict });
    return undefined;
  }
  if (verdict.review) log.warn({ event: event.id, type: event.type, why: verdict.review }, 'an event needs a person');
  webhookCount.inc({ result: verdict.review ? 'review' : 'done' });
  return verdict.changed;
}

/** Waits for a twin that is being handled now. */
async function isNew(tx: Transaction, { id, type }: SignedEvent, text: string, hash: Buffer): Promise<boolean> {
  const rows = await tx.query(
    `insert into webhook_inbox (id, type, body, body_hash, status) values ($1, $2, $3, $4, 'done')
     on conflict (id) do nothing returning id`,
    [id, type, text, hash],
  );
  return rows.length === 1;
}

async function isSame(tx: Transaction, { id }: SignedEvent, hash: Buffer): Promise<boolean> {
  const row = await tx.one<{ body_hash: Buffer }>('select body_hash from webhook_inbox where id = $1', [id]);
  if (!row) return false;
  return row.body_hash.length === 0 || hash.length === 0 || row.body_hash.equals(hash);
}

async function keepForReview(tx: Transaction, id: string, note: string): Promise<void> {
  await tx.query("update webhook_inbox set status = 'review', note = $2 where id = $1", [id, note]);
}

async function judge({ catalog, livemode }: WebhookPorts, tx: Transaction, event: SignedEvent): Promise<Verdict> {
  if (event.account !== undefined) return review('it is about another account');
  if (event.livemode !== livemode) return review(event.livemode ? 'it is about real money' : 'it is about test money');
  if (harmless.has(event.type)) return nothingLeftToDo;
  if (refunds.has(event.type)) return event.refund ? recordRefund(tx, event.refund) : review('it carries no refund');
  if (disputes.has(event.type))
    return event.dispute ? recordDispute(tx, event.dispute) : review('it carries no dispute');
  if (!decisive.has(event.type)) return review('its type is unknown');
  if (!event.intent) return review('it carries no payment intent');
  const recorded = await record(tx, catalog, event.intent);
  if (!recorded.usable) return review(recorded.why);
  return recorded.changed ? changed(recorded.bookingId) : nothingLeftToDo;
}
