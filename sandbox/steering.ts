import { ApiError } from './errors.js';
import type { Faults } from './faults.js';
import type { ApiCall, Call, Route } from './http.js';
import { needSecretKey } from './routes.js';
import type { Store } from './store.js';
import type { Delivery, Webhooks } from './webhooks.js';

/** What tests and operators do with the sandbox; README.md has the table. */
export interface SteeringOptions {
  readonly secretKey: string;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  readonly store: Store;
  readonly calls: readonly ApiCall[];
}

/** Minor units by currency: what cards have paid, and what went back (refunds, lost disputes). */
export interface Money {
  readonly captured: Readonly<Record<string, number>>;
  readonly refunded: Readonly<Record<string, number>>;
}

export interface SandboxLog {
  readonly calls: readonly ApiCall[];
  readonly deliveries: readonly Delivery[];
  readonly money: Money;
}

export function steeringRoutes(options: SteeringOptions): Route[] {
  const { faults, webhooks } = options;
  const own = (method: Route['method'], path: RegExp, run: (call: Call) => Promise<object> | object): Route => ({
    method,
    path,
    kind: 'own',
    run: async (call) => {
      needSecretKey(options, call);
      return { status: 200, body: await run(call) };
    },
  });
  return [
    own('POST', /^\/config$/, async ({ body }) => {
      await configure(options, parseObject(body));
      return faults.plan;
    }),
    own('POST', /^\/deliver$/, async () => {
      await webhooks.deliverAll();
      return {};
    }),
    own('GET', /^\/log$/, () => readLog(options)),
  ];
}

/** Switching webhooks on delivers what was held back. @throws ApiError 400 when a setting is unknown. */
export async function configure({ faults, webhooks }: SteeringOptions, wanted: Record<string, unknown>): Promise<void> {
  try {
    faults.change(wanted);
  } catch (error) {
    if (error instanceof RangeError) throw new ApiError(400, 'invalid_request_error', error.message);
    throw error;
  }
  if (wanted.webhooks === true) await webhooks.deliverAll();
}

export function readLog({ calls, webhooks, store }: SteeringOptions): SandboxLog {
  const captured: Record<string, number> = {};
  const refunded: Record<string, number> = {};
  for (const { currency, amount_received } of store.intent.values()) {
    captured[currency] = (captured[currency] ?? 0) + amount_received;
  }
  const lost = [...store.dispute.values()].filter(({ status }) => status === 'lost');
  for (const { currency, amount } of [...store.refund.values(), ...lost]) {
    refunded[currency] = (refunded[currency] ?? 0) + amount;
  }
  return { calls, deliveries: webhooks.deliveries, money: { captured, refunded } };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  throw new ApiError(400, 'invalid_request_error', 'A JSON object is needed.');
}
