import { escaped } from '../server/core/html.js';
import type { ReceivedLetter } from './mailbox.js';
import type { PaymentIntent } from './objects.js';

/** The few pages of the sandbox. Every value is escaped. */

export function authenticationPage(intent: PaymentIntent): string {
  const amount = moneyWords(intent.amount, intent.currency);
  return page(
    'Confirm this payment',
    `<p>Your bank would ask you now whether you want to pay <strong>${escaped(amount)}</strong>.</p>
    <form method="post">
      <input type="hidden" name="client_secret" value="${escaped(intent.client_secret)}">
      <button name="answer" value="approve">Approve</button>
      <button name="answer" value="deny" class="quiet">Refuse</button>
    </form>`,
  );
}

export function moneyWords(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`);
}

/** Links lead on below `mailbox/`, whether the sandbox is reached directly or through the server. */
export function mailboxPage(letters: readonly ReceivedLetter[]): string {
  const lines = letters.map(
    ({ id, to, email }) =>
      `<li><a href="mailbox/${id}">${escaped(email.subject ?? '(no subject)')}</a><br><small>${escaped(to.join(', '))}</small></li>`,
  );
  const list = lines.length > 0 ? `<ul>${lines.join('')}</ul>` : '<p>Nothing has come yet.</p>';
  return page('Mailbox', `<p>Mail of this server ends here; nothing is sent on.</p>${list}`);
}

export function letterPage({ id, to, email }: ReceivedLetter): string {
  const attached = email.attachments.flatMap(({ filename, contentId }, at) =>
    contentId
      ? []
      : [`<li><a href="${id}/${at}" download="${escaped(filename ?? '')}">${escaped(filename ?? 'file')}</a></li>`],
  );
  return page(
    email.subject ?? '(no subject)',
    `<p>To ${escaped(to.join(', '))}. <a href="../mailbox">All mail</a></p>
    <iframe src="${id}/body" title="The letter"></iframe>
    ${attached.length > 0 ? `<h2>Attached</h2><ul>${attached.join('')}</ul>` : ''}`,
  );
}

/** Where the buyer goes on after the 3-D Secure page, with what Stripe adds. Undefined when there is nowhere to go. */
export function returnAddress(returnUrl: string | null, intent: PaymentIntent): string | undefined {
  if (!returnUrl || !/^https?:\/\//.test(returnUrl)) return undefined;
  const paid = intent.status !== 'requires_payment_method' && intent.status !== 'canceled';
  const added = new URLSearchParams({
    payment_intent: intent.id,
    payment_intent_client_secret: intent.client_secret,
    redirect_status: paid ? 'succeeded' : 'failed',
  });
  const [address, fragment] = returnUrl.split('#', 2);
  return `${address}${address?.includes('?') ? '&' : '?'}${added}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** @param content HTML. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escaped(title)} – payments sandbox</title>
  <style>
    body { margin: 0; min-height: 100vh; display: grid; place-content: center; background: #f3f1ec; color: #1d1b16;
      font: 1rem/1.5 system-ui, sans-serif; }
    iframe { width: 36rem; max-width: 85vw; height: 60vh; border: 1px solid #d8d4c9; border-radius: 0.375rem; }
    main { max-width: 60rem; margin: 1rem; padding: 2rem; background: #fff; border-radius: 0.75rem; }
    h1 { margin: 0 0 0.5rem; font-size: 1.375rem; }
    .note { margin: 0 0 1.5rem; padding: 0.5rem 0.75rem; background: #fdf0c3; border-radius: 0.375rem; }
    button { padding: 0.625rem 1.25rem; border: 0; border-radius: 0.375rem; background: #1f4fd8; color: #fff; font: inherit; cursor: pointer; }
    button.small { padding: 0.25rem 0.625rem; font-size: 0.875rem; }
    table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
    th, td { padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid #e7e4dc; text-align: left; overflow-wrap: anywhere; }
    td form { display: inline; }
    .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0.5rem 1.5rem; margin-bottom: 1rem; }
    .fields input:not([type="checkbox"]) { width: 5rem; padding: 0.25rem 0.5rem; font: inherit; }
    button.quiet { background: #e7e4dc; color: inherit; }
  </style>
</head>
<body><main><p class="note"><strong>Payments sandbox.</strong> No real money moves.</p><h1>${escaped(title)}</h1>${content}</main></body>
</html>
`;
}
