import { createHash, timingSafeEqual } from 'node:crypto';
import type { Disputes } from './disputes.js';
import { ApiError, invalidParameter, unauthorized } from './errors.js';
import type { Form } from './form.js';
import type { Call, Route } from './http.js';
import type { Intents } from './intents.js';
import type { PaymentIntent, StripeEvent } from './objects.js';
import { authenticationPage, messagePage, returnAddress } from './pages.js';
import type { Refunds } from './refunds.js';
import type { Store } from './store.js';

/** Stripe's API and the 3-D Secure page. */
export interface Keys {
  readonly secretKey: string;
  readonly publishableKey: string;
}

export interface RouteOptions extends Keys {
  readonly store: Store;
  readonly intents: Intents;
  readonly refunds: Refunds;
  readonly disputes: Disputes;
}

export function apiRoutes({ store, intents, refunds, disputes, ...keys }: RouteOptions): Route[] {
  const shown = (intent: PaymentIntent, from: Form | URLSearchParams) => withCharge(store, intent, from);
  const api = (method: Route['method'], path: RegExp, run: (call: Call) => object): Route => ({
    method,
    path,
    kind: 'api',
    run: (call) => ({ status: 200, body: run(call) }),
  });
  const shop = (method: Route['method'], path: RegExp, run: (call: Call) => object): Route =>
    api(method, path, (call) => {
      needSecretKey(keys, call);
      return run(call);
    });
  const id = ({ params }: Call) => params[0] ?? '';
  const intentIn = (query: URLSearchParams) => query.get('payment_intent') ?? undefined;

  return [
    shop('POST', /^\/v1\/payment_intents$/, (call) => shown(intents.create(call.form), call.form)),
    shop('GET', /^\/v1\/payment_intents$/, (call) => {
      const limit = Number(call.query.get('limit') ?? 10);
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalidParameter('limit', 'From 1 to 100.');
      const { items, hasMore } = intents.list(limit, call.query.get('starting_after') ?? undefined);
      return { object: 'list', url: '/v1/payment_intents', has_more: hasMore, data: items };
    }),
    api('GET', /^\/v1\/payment_intents\/(\w+)$/, (call) => {
      shopOrBuyer(keys, intents, call, call.query);
      return shown(intents.read(id(call)), call.query);
    }),
    api('POST', /^\/v1\/payment_intents\/(\w+)\/confirm$/, (call) => {
      shopOrBuyer(keys, intents, call, new URLSearchParams(call.body));
      return shown(intents.confirm(id(call), call.form), call.form);
    }),
    shop('POST', /^\/v1\/payment_intents\/(\w+)\/capture$/, (call) =>
      shown(intents.capture(id(call), call.form), call.form),
    ),
    shop('POST', /^\/v1\/payment_intents\/(\w+)\/cancel$/, (call) =>
      shown(intents.cancel(id(call), call.form), call.form),
    ),
    shop('POST', /^\/v1\/refunds$/, (call) => refunds.create(call.form)),
    shop('GET', /^\/v1\/refunds$/, ({ query }) => listOf('/v1/refunds', refunds.list(intentIn(query)))),
    shop('GET', /^\/v1\/refunds\/(\w+)$/, (call) => refunds.read(id(call))),
    shop('GET', /^\/v1\/disputes$/, ({ query }) => listOf('/v1/disputes', disputes.list(intentIn(query)))),
    shop('GET', /^\/v1\/disputes\/(\w+)$/, (call) => disputes.read(id(call))),
    shop('POST', /^\/v1\/disputes\/(\w+)$/, (call) => disputes.answer(id(call), call.form)),
    shop('POST', /^\/v1\/disputes\/(\w+)\/close$/, (call) => disputes.close(id(call))),
    shop('GET', /^\/v1\/events$/, ({ query }) => listOf('/v1/events', eventsOf(store, query))),
    ...authenticationRoutes(intents),
  ];
}

/** The newest first; `delivery_success=false`: those that have not been taken by the receiver. */
function eventsOf({ event }: Store, query: URLSearchParams): StripeEvent[] {
  const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
  const [from, to] = [number('created[gte]', 0), number('created[lte]', Number.MAX_SAFE_INTEGER)];
  const wanted = query.get('delivery_success');
  return [...event.values()]
    .filter(({ state }) => wanted === null || (state === 'delivered') === (wanted === 'true'))
    .map((pending) => pending.event)
    .filter(({ created }) => created >= from && created <= to)
    .reverse();
}

function listOf(url: string, items: readonly object[]): object {
  return { object: 'list', url, has_more: false, data: items.slice(0, 100) };
}

function authenticationRoutes(intents: Intents): Route[] {
  const path = /^\/authenticate\/(\w+)$/;
  return [
    {
      method: 'GET',
      path,
      kind: 'own',
      run: ({ params, query }) => {
        const intent = intents.read(params[0] ?? '');
        needClientSecret(intent, query.get('client_secret'));
        const html =
          intent.status === 'requires_action'
            ? authenticationPage(intent)
            : messagePage('Nothing to confirm', 'This payment does not wait for your answer.');
        return { status: 200, html };
      },
    },
    {
      method: 'POST',
      path,
      kind: 'own',
      run: ({ params, form }) => {
        const intent = intents.read(params[0] ?? '');
        needClientSecret(intent, form.text('client_secret'));
        const returnUrl = intent.next_action?.redirect_to_url.return_url ?? null;
        intents.authenticate(intent.id, form.text('answer') === 'approve');
        const redirect = returnAddress(returnUrl, intent);
        if (redirect) return { redirect };
        return { status: 200, html: messagePage('Thank you', 'You can close this page and go back to the shop.') };
      },
    },
  ];
}

export function needSecretKey({ secretKey }: Pick<Keys, 'secretKey'>, { bearer }: Call): void {
  if (!same(bearer ?? '', secretKey)) throw unauthorized();
}

/** The shop with its secret key, or the buyer's browser with the publishable key and the intent's client secret. */
function shopOrBuyer(keys: Keys, intents: Intents, call: Call, sent: URLSearchParams): void {
  if (same(call.bearer ?? '', keys.secretKey)) return;
  if (!same(call.bearer ?? sent.get('key') ?? '', keys.publishableKey)) throw unauthorized();
  needClientSecret(intents.read(call.params[0] ?? ''), sent.get('client_secret'));
}

function needClientSecret(intent: PaymentIntent, given: string | null | undefined): void {
  if (same(given ?? '', intent.client_secret)) return;
  throw new ApiError(404, 'invalid_request_error', `No such payment_intent: '${intent.id}'`, {
    code: 'resource_missing',
  });
}

function withCharge(store: Store, intent: PaymentIntent, from: Form | URLSearchParams): object {
  const expand = from instanceof URLSearchParams ? from.get('expand[0]') : from.text('expand[0]');
  if (expand !== 'latest_charge' || !intent.latest_charge) return intent;
  return { ...intent, latest_charge: store.charge.get(intent.latest_charge) ?? null };
}

/** In constant time; the digest makes the lengths equal. */
export function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
