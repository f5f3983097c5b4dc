import { isUtf8 } from 'node:buffer';
import Stripe from 'stripe';
import { z } from 'zod';
import type { Clock } from '../core/clock.js';
import { Fault, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type {
  CancelReason,
  DisputeStatus,
  Intent,
  IntentStatus,
  PaymentProvider,
  ProviderDispute,
  ProviderRefund,
  SignedEvent,
} from './payment.js';

/** The only importer of the `stripe` package. */

export interface StripeSettings {
  readonly secretKey: string;
  readonly publishableKey: string;
  /** Two while one replaces the other. */
  readonly webhookSecrets: readonly string[];
  /** Another address than Stripe's own: the sandbox. */
  readonly apiBase?: string | undefined;
  readonly sandbox: boolean;
  /** Of one call, 10 s by default. */
  readonly timeoutMs?: number;
}

const API_VERSION = '2026-10-28.endive';
const signatureAgeSeconds = 300;
/** Stripe keeps an answer under its key for 24 hours, 500s too: after one the same key can only repeat it. */
const keysPerCall = 4;
/** Of one value (docs.stripe.com/api/metadata). Twenty tickets take 480. */
const metadataLength = 500;

export function createStripeProvider(settings: StripeSettings, clock: Clock, log: Logger): PaymentProvider {
  const stripe = connect(settings);

  async function read(id: string): Promise<Intent> {
    try {
      return intentOf(await stripe.paymentIntents.retrieve(id));
    } catch (error) {
      if (settings.sandbox && isMissing(error)) return forgotten(id);
      throw outage(error, log);
    }
  }

  async function findRefund(intentId: string, refundId: string): Promise<ProviderRefund | undefined> {
    try {
      for await (const refund of stripe.refunds.list({ payment_intent: intentId, limit: 100 })) {
        if (refund.metadata?.refundId === refundId) return refundOf(refund);
      }
      return undefined;
    } catch (error) {
      throw outage(error, log);
    }
  }

  /** Asks with the key `VERB:ID`. After a kept 500 the state is read, and only an undone call is made again. */
  async function change(verb: string, id: string, call: (key: string) => Promise<unknown>): Promise<Intent> {
    for (let attempt = 1; attempt <= keysPerCall; attempt++) {
      const before = attempt === 1 ? undefined : await read(id);
      if (before && (before.status === 'paid' || before.status === 'cancelled')) return before;
      try {
        return intentOf(await call(attempt === 1 ? `${verb}:${id}` : `${verb}:${id}:${attempt}`));
      } catch (error) {
        if (isRefusal(error)) return read(id);
        if (!isServerError(error)) throw outage(error, log);
      }
    }
    throw outage(undefined, log);
  }

  return {
    async create({ bookingId, amount, currency }) {
      // A kept 500 may hide an intent, but one that nobody can pay: its client secret has never left Stripe.
      for (let attempt = 1; attempt <= keysPerCall; attempt++) {
        try {
          const created = await stripe.paymentIntents.create(
            {
              amount,
              currency,
              description: `Booking ${bookingId}`,
              metadata: { bookingId },
              // An allow-list: a method that takes days would leave the seats unsold and unfree.
              allowed_payment_method_types: ['card'],
              payment_method_options: { card: { capture_method: 'manual' } },
            },
            { idempotencyKey: `${bookingId}:${attempt}` },
          );
          return { intent: intentOf(created), attempt };
        } catch (error) {
          if (!isServerError(error)) throw outage(error, log);
        }
      }
      throw outage(undefined, log);
    },
    read,
    capture: (id) =>
      change('capture', id, (idempotencyKey) => stripe.paymentIntents.capture(id, {}, { idempotencyKey })),
    cancel: (id, cancellation_reason) =>
      change('cancel', id, (idempotencyKey) => {
        return stripe.paymentIntents.cancel(id, { cancellation_reason }, { idempotencyKey });
      }),
    async cardOf(id) {
      try {
        const found = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
        const charge = typeof found.latest_charge === 'object' ? found.latest_charge : null;
        return charge?.payment_method_details?.card?.fingerprint ?? undefined;
      } catch (error) {
        throw outage(error, log);
      }
    },
    async refund(id) {
      for (let attempt = 1; attempt <= keysPerCall; attempt++) {
        const idempotencyKey = attempt === 1 ? `refund:${id}` : `refund:${id}:${attempt}`;
        try {
          await stripe.refunds.create({ payment_intent: id }, { idempotencyKey });
          return;
        } catch (error) {
          // A second refund of the whole is refused, so another key is safe after a 500.
          if (isStripeError(error) && error.code === 'charge_already_refunded') return;
          if (!isServerError(error)) throw outage(error, log);
        }
      }
      throw outage(undefined, log);
    },
    async refundPart({ intentId, refundId, amount, tickets }) {
      for (let attempt = 1; attempt <= keysPerCall; attempt++) {
        // After a kept 500 it may have been made all the same, and a part could be made twice.
        const made = attempt === 1 ? undefined : await findRefund(intentId, refundId);
        if (made) return made;
        const metadata = { refundId, tickets: tickets.join(',').slice(0, metadataLength) };
        const idempotencyKey = `refund:${refundId}:${attempt}`;
        try {
          return refundOf(
            await stripe.refunds.create({ payment_intent: intentId, amount, metadata }, { idempotencyKey }),
          );
        } catch (error) {
          if (isRefusal(error)) return findRefund(intentId, refundId);
          if (!isServerError(error)) throw outage(error, log);
        }
      }
      throw outage(undefined, log);
    },
    async *missedEvents(from, to) {
      const created = { gte: Math.floor(from / 1_000), lte: Math.floor(to / 1_000) };
      try {
        for await (const found of stripe.events.list({ created, delivery_success: false, limit: 100 })) {
          const event = signedEventOf(found);
          if (event) yield { event, text: JSON.stringify(found) };
        }
      } catch (error) {
        throw outage(error, log);
      }
    },
    verify: (body, signature) => verify(stripe, settings.webhookSecrets, { body, signature, now: clock.now() }),
  };
}

function connect({ secretKey, apiBase, timeoutMs = 10_000 }: StripeSettings): Stripe {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  return new Stripe(secretKey, {
    apiVersion: API_VERSION,
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    telemetry: false,
    ...(base && {
      host: base.hostname,
      port: base.port === '' ? (base.protocol === 'http:' ? 80 : 443) : Number(base.port),
      protocol: base.protocol === 'http:' ? 'http' : 'https',
    }),
  });
}

const intentSchema = z.object({
  id: z.string().regex(/^pi_\w+$/),
  status: z.string(),
  amount: z.int(),
  amount_received: z.int(),
  currency: z.string(),
  cancellation_reason: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  client_secret: z.string().nullish(),
});

const statuses: Readonly<Record<string, IntentStatus>> = {
  processing: 'processing',
  requires_capture: 'authorised',
  succeeded: 'paid',
  canceled: 'cancelled',
};

/** @throws ZodError when it is no PaymentIntent. */
function intentOf(object: unknown): Intent {
  const found = intentSchema.parse(object);
  const reason = found.cancellation_reason;
  return {
    id: found.id,
    status: statuses[found.status] ?? 'open',
    authenticating: found.status === 'requires_action',
    bookingId: found.metadata.bookingId,
    amount: found.amount,
    received: found.amount_received,
    currency: found.currency,
    cancelReason: isOurReason(reason) ? reason : undefined,
    clientSecret: found.client_secret ?? undefined,
  };
}

const refundSchema = z.object({
  id: z.string().regex(/^\w+$/),
  amount: z.int(),
  payment_intent: z.string().regex(/^pi_\w+$/),
  status: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/** @throws ZodError when it is no Refund of an intent. */
function refundOf(object: unknown): ProviderRefund {
  const { id, amount, payment_intent: intentId, status, metadata } = refundSchema.parse(object);
  return {
    id,
    intentId,
    refundId: metadata?.refundId,
    tickets: metadata?.tickets?.split(',') ?? [],
    amount,
    status: status === 'failed' || status === 'canceled' ? 'failed' : 'done',
  };
}

const disputeSchema = z.object({
  id: z.string().regex(/^\w+$/),
  amount: z.int(),
  payment_intent: z.string().regex(/^pi_\w+$/),
  reason: z.string().max(100),
  status: z.string(),
});

/** docs.stripe.com/api/disputes/object: an inquiry that is closed has cost nothing, and neither has a prevented dispute. */
const disputeStatuses: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'inquiry',
  warning_closed: 'won',
  prevented: 'won',
  won: 'won',
  lost: 'lost',
};

/** @throws ZodError when it is no Dispute about an intent. */
function disputeOf(object: unknown): ProviderDispute {
  const { payment_intent: intentId, status, ...dispute } = disputeSchema.parse(object);
  return { ...dispute, intentId, status: disputeStatuses[status] ?? 'open' };
}

function isOurReason(reason: string | null): reason is CancelReason {
  return reason === 'abandoned' || reason === 'requested_by_customer' || reason === 'duplicate';
}

/** The sandbox's data were thrown away. Nobody can pay an intent that does not exist. */
function forgotten(id: string): Intent {
  return {
    id,
    status: 'cancelled',
    authenticating: false,
    bookingId: undefined,
    amount: 0,
    received: 0,
    currency: '',
    cancelReason: undefined,
    clientSecret: undefined,
  };
}

/** What Postgres is asked about or keeps as a text of its own, so it must be one that Postgres can keep. */
const name = z.string().regex(/^[\x20-\x7e]{1,255}$/);
const eventSchema = z.object({
  id: name,
  type: name,
  livemode: z.boolean(),
  account: z.string().optional(),
  data: z.object({ object: z.looseObject({ object: z.string() }) }),
});

function verify(
  stripe: Stripe,
  secrets: readonly string[],
  { body, signature, now }: { body: Buffer; signature: string; now: number },
): SignedEvent {
  // As text, because the package strips a byte order mark from bytes before it checks them.
  const text = isUtf8(body) ? body.toString() : '';
  for (const secret of secrets) {
    let signed: unknown;
    try {
      signed = stripe.webhooks.constructEvent(text, signature, secret, signatureAgeSeconds, undefined, now);
    } catch {
      continue;
    }
    const event = signedEventOf(signed);
    if (!event) throw new Fault('badRequest', 'This is no event.');
    return event;
  }
  throw new Fault('badRequest', 'The signature does not hold.');
}

/** Undefined when it is no event. */
function signedEventOf(value: unknown): SignedEvent | undefined {
  const event = eventSchema.safeParse(value);
  if (!event.success) return undefined;
  const { id, type, livemode, account, data } = event.data;
  const { object } = data;
  const read = <T>(kind: string, schema: z.ZodType, of: (object: unknown) => T): T | undefined =>
    object.object === kind && schema.safeParse(object).success ? of(object) : undefined;
  const intent = read('payment_intent', intentSchema, intentOf);
  const refund = read('refund', refundSchema, refundOf);
  const dispute = read('dispute', disputeSchema, disputeOf);
  return { id, type, livemode, account, intent, refund, dispute };
}

/** Whether these settings move real money. */
export function isLive({ secretKey }: StripeSettings): boolean {
  return /^[sr]k_live_/.test(secretKey);
}

function isStripeError(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof Stripe.errors.StripeError;
}

/** Stripe understood the call and says no. */
function isRefusal(error: unknown): boolean {
  if (!isStripeError(error) || isMissing(error)) return false;
  return error.type === 'StripeInvalidRequestError' || error.type === 'StripeCardError';
}

function isMissing(error: unknown): boolean {
  return isStripeError(error) && error.code === 'resource_missing';
}

function isServerError(error: unknown): boolean {
  return isStripeError(error) && error.type === 'StripeAPIError' && (error.statusCode ?? 0) >= 500;
}

function outage(error: unknown, log: Logger): unknown {
  if (error !== undefined && !isStripeError(error)) return error;
  // A connection error is the network's; anything else that comes here needs a person (keys, limits, parameters).
  const level = error === undefined || error.type === 'StripeConnectionError' ? 'warn' : 'error';
  log[level]({ reason: error?.message, type: error?.type, code: error?.code }, 'the payment provider did not serve');
  return unavailable('The payment provider cannot be reached now.', 2_000, error);
}
