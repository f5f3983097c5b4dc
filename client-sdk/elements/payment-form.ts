import { h, type View } from './dom.js';
import { formatMoney } from './money.js';
import { type Card, type PayableBooking, pay } from './payment.js';

/** The card form of the payments sandbox. A shop with real keys shows the payment provider's own form instead. */
const testCards = [
  { name: 'Succeeds', number: '4242 4242 4242 4242' },
  { name: 'Asks for 3-D Secure', number: '4000 0027 6000 3184' },
  { name: 'Is declined', number: '4000 0000 0000 0002' },
] as const;

/** @param server where the shop is; the page's own origin by default. */
export function paymentForm(booking: PayableBooking, onAccepted: () => void, server = location.origin): View {
  const field = (name: keyof Card, label: string, placeholder: string, autocomplete: string): HTMLInputElement =>
    h('input', { name, placeholder, autocomplete, required: true, inputmode: 'numeric', 'aria-label': label });
  const number = field('number', 'Card number', '4242 4242 4242 4242', 'cc-number');
  const expiry = field('expiry', 'Expiry, month and year', 'MM / YY', 'cc-exp');
  const cvc = field('cvc', 'Security code', 'CVC', 'cc-csc');
  number.addEventListener('input', () => {
    number.value = grouped(number.value, 4, ' ', 19);
  });
  expiry.addEventListener('input', () => {
    expiry.value = grouped(expiry.value, 2, ' / ', 4);
  });
  const problem = h('p', { class: 'form-problem', role: 'alert', hidden: true });
  const submit = h(
    'button',
    { class: 'button primary', type: 'submit' },
    `Pay ${formatMoney(booking.amount, booking.currency)}`,
  );
  const hints = testCards.map((card) =>
    h(
      'button',
      {
        type: 'button',
        class: 'test-card',
        click() {
          number.value = card.number;
          expiry.value = '12 / 34';
          cvc.value = '123';
        },
      },
      h('b', {}, card.name),
      card.number,
    ),
  );
  const form = h(
    'form',
    { class: 'payment-form' },
    h('p', { class: 'sandbox-banner' }, h('b', {}, 'Sandbox: no real money moves.'), ' Use one of these test cards:'),
    h('div', { class: 'test-cards' }, ...hints),
    h('div', { class: 'card-fields' }, number, expiry, cvc),
    problem,
    submit,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.hidden = true;
    const card = { number: number.value, expiry: expiry.value, cvc: cvc.value };
    const step = await pay(booking, card, `${location.origin}${location.pathname}`, server);
    if (step.kind === 'redirect') location.assign(step.url);
    else if (step.kind === 'accepted') onAccepted();
    else {
      problem.textContent = step.message;
      problem.hidden = false;
      submit.disabled = false;
    }
  });
  return { element: form };
}

/** Digits in groups, as they are printed on a card. */
function grouped(typed: string, size: number, between: string, most: number): string {
  const digits = typed.replace(/\D/g, '').slice(0, most);
  return digits.match(new RegExp(`.{1,${size}}`, 'g'))?.join(between) ?? '';
}
