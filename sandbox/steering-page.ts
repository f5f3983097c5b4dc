import { createHmac } from 'node:crypto';
import { escaped } from '../server/core/html.js';
import type { Disputes } from './disputes.js';
import { ApiError, unauthorized } from './errors.js';
import { type FaultPlan, noFaults } from './faults.js';
import { Form } from './form.js';
import type { Call, Reply, Route } from './http.js';
import type { Charge, PaymentIntent } from './objects.js';
import { messagePage, moneyWords, page } from './pages.js';
import type { Refunds } from './refunds.js';
import { same } from './routes.js';
import { configure, readLog, type SteeringOptions } from './steering.js';

/**
 * The page at `/`, for people: what a dashboard of Stripe's does (money back, a bank that wants it back), and what goes
 * wrong on the way. The browser asks for the secret key (RFC 7617); each form carries a token made of it, so that no
 * other site can send one in a signed-in browser's name.
 */
export interface SteeringPageOptions extends SteeringOptions {
  readonly refunds: Refunds;
  readonly disputes: Disputes;
}

const shown = 15;

const faultWords: Readonly<Record<keyof FaultPlan, string>> = {
  webhooks: 'Webhooks are sent',
  duplicates: 'Chance that an event comes twice',
  loss: 'Chance that an event never comes',
  error500: 'Chance that a call fails before its effect',
  timeoutAfterEffect: 'Chance that a call’s answer is lost',
  delayMs: 'Events wait up to, ms',
  latencyMs: 'Calls wait up to, ms',
  seed: 'Seed of the chances',
};

export function steeringPageRoutes(options: SteeringPageOptions): Route[] {
  const { secretKey } = options;
  const token = createHmac('sha256', secretKey).update('steering page').digest('base64url');
  const signedIn = (run: (call: Call) => Reply | Promise<Reply>) => (call: Call) =>
    same(call.password ?? '', secretKey) ? run(call) : signInReply();
  return [
    { method: 'GET', path: /^\/$/, kind: 'own', run: signedIn(() => ({ status: 200, html: view(options, token) })) },
    {
      method: 'POST',
      path: /^\/steer$/,
      kind: 'own',
      run: signedIn(async ({ form }) => {
        if (!same(form.text('token') ?? '', token)) throw unauthorized();
        try {
          await act(options, form);
          return { redirect: '/' };
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return { status: error.status, html: messagePage('That cannot be done', error.message) };
        }
      }),
    },
  ];
}

function signInReply(): Reply {
  const words =
    'Any name, and the sandbox’s secret key: <code>sandboxSecretKey</code> in <code>secrets.json</code> of the data folder.';
  return { status: 401, html: page('Sign in', `<p>${words}</p>`), asksPassword: true };
}

async function act({ webhooks, refunds, disputes, store, ...rest }: SteeringPageOptions, form: Form): Promise<void> {
  const id = form.text('id') ?? '';
  const sent = (values: Record<string, string>) => new Form(new URLSearchParams(values).toString());
  const evidence = (words: string) => sent({ 'evidence[uncategorized_text]': words });
  switch (form.text('act')) {
    case 'faults':
      return configure({ webhooks, store, ...rest }, planIn(form));
    case 'deliver':
      return webhooks.deliverAll();
    case 'refund':
      refunds.create(sent({ payment_intent: id }));
      return;
    case 'dispute': {
      const charge = chargeOf({ store }, store.intent.get(id));
      if (!charge?.captured) throw new ApiError(400, 'invalid_request_error', 'Nothing has been captured.');
      return disputes.open(charge);
    }
    case 'win':
      disputes.answer(id, evidence('winning_evidence'));
      return;
    case 'lose':
      disputes.answer(id, evidence('losing_evidence'));
      return;
    default:
      throw new ApiError(400, 'invalid_request_error', 'There is no such button.');
  }
}

/** A box that is not ticked is not sent. */
function planIn(form: Form): Record<string, unknown> {
  const numbers = Object.keys(noFaults).filter((name) => name !== 'webhooks');
  const values = numbers.map((name) => [name, Number(form.text(name) || 0)] as const);
  return { ...Object.fromEntries(values), webhooks: form.text('webhooks') !== undefined };
}

function chargeOf({ store }: Pick<SteeringOptions, 'store'>, intent: PaymentIntent | undefined): Charge | undefined {
  return store.charge.get(intent?.latest_charge ?? '');
}

function view(options: SteeringPageOptions, token: string): string {
  const { faults, store } = options;
  const { money, deliveries, calls } = readLog(options);
  const form = (content: string) =>
    `<form method="post" action="steer"><input type="hidden" name="token" value="${token}">${content}</form>`;
  const button = (act: string, words: string, id = '') =>
    form(
      `<input type="hidden" name="id" value="${escaped(id)}"><button class="small quiet" name="act" value="${act}">${words}</button>`,
    );
  const fields = Object.entries(faults.plan).map(([name, value]) => {
    const words = faultWords[name as keyof FaultPlan];
    const input =
      typeof value === 'boolean'
        ? `<input type="checkbox" name="${name}"${value ? ' checked' : ''}>`
        : `<input name="${name}" value="${value}" inputmode="decimal">`;
    return `<label>${input} ${words}</label>`;
  });
  const waiting = [...store.event.values()].filter(({ state }) => state !== 'delivered').length;
  const payments = [...store.intent.values()].reverse().slice(0, shown);
  return page(
    'Payments',
    `<p>${moneyLine(money)}</p>
    ${table(
      ['Payment', 'Amount', 'State', ''],
      payments.map((intent) => paymentRow(options, intent, button)),
    )}
    <h2>What goes wrong</h2>
    ${form(`<div class="fields">${fields.join('')}</div><button name="act" value="faults">Set</button>`)}
    <h2>Events</h2>
    ${waiting > 0 ? `<p>${waiting} not delivered. ${button('deliver', 'Deliver now')}</p>` : ''}
    ${table(
      ['Event', 'Attempt', 'Answer'],
      deliveries
        .slice(-shown)
        .reverse()
        .map(({ type, attempt, status }) => [escaped(type), String(attempt), String(status || 'none')]),
    )}
    <h2>Calls</h2>
    ${table(
      ['Call', 'Answer', ''],
      calls
        .slice(-shown)
        .reverse()
        .map(({ method, path, status, replayed }) => [
          escaped(`${method} ${path}`),
          String(status),
          replayed ? 'again' : '',
        ]),
    )}`,
  );
}

function paymentRow(
  { store }: Pick<SteeringOptions, 'store'>,
  intent: PaymentIntent,
  button: (act: string, words: string, id: string) => string,
): string[] {
  const charge = chargeOf({ store }, intent);
  const dispute = [...store.dispute.values()].findLast((one) => one.payment_intent === intent.id);
  const open = dispute?.status === 'needs_response' ? dispute : undefined;
  const refundable =
    charge?.captured && charge.amount_refunded < charge.amount_captured && (!dispute || dispute.status === 'won');
  const back =
    charge && charge.amount_refunded > 0 ? `, ${moneyWords(charge.amount_refunded, intent.currency)} given back` : '';
  const state = `${intent.status.replaceAll('_', ' ')}${back}${dispute ? `, dispute ${dispute.status.replace('_', ' ')}` : ''}`;
  const buttons = [
    refundable && button('refund', 'Refund', intent.id),
    refundable && !dispute && button('dispute', 'Dispute', intent.id),
    open && button('win', 'The shop wins', open.id),
    open && button('lose', 'The buyer wins', open.id),
  ];
  return [
    escaped(intent.id),
    escaped(moneyWords(intent.amount, intent.currency)),
    escaped(state),
    buttons.filter(Boolean).join(''),
  ];
}

function moneyLine({ captured, refunded }: ReturnType<typeof readLog>['money']): string {
  const lines = Object.entries(captured).map(
    ([currency, amount]) =>
      `${moneyWords(amount, currency)} captured, ${moneyWords(refunded[currency] ?? 0, currency)} gone back`,
  );
  return lines.length === 0 ? 'No money has moved yet.' : escaped(`${lines.join('; ')}.`);
}

/** Cells are HTML. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None yet.</p>';
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(heads, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}
