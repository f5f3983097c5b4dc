import { browserClock } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';
import type { DeliveryPage } from '../../protocol/outbound.js';
import type { Desk } from './sign-in.js';
import { localMoment } from './venue-time.js';
import { panel, problemLine } from './words.js';

type Delivery = DeliveryPage['items'][number];

const statusWords = { waiting: 'on its way', sent: 'sent', dead: 'did not arrive' };

/** What was sent about one booking, to the buyer and to shops. */
export function sentPanel(desk: Desk, booking: string) {
  const trouble = problemLine();
  const list = h('ol', { class: 'audit' });
  const resend = h(
    'button',
    { class: 'button small quiet', type: 'button', click: () => void again() },
    'Send the tickets again',
  );
  const element = panel('Sent', list, resend, trouble.element);

  async function load(hasTickets: boolean): Promise<void> {
    resend.hidden = !desk.mayRun || !hasTickets;
    const page = await desk.api.get<DeliveryPage>(`/deliveries?booking=${booking}`);
    trouble.show(page);
    if (page.ok)
      list.replaceChildren(...page.body.items.map((delivery) => deliveryLine(desk, delivery, () => load(hasTickets))));
  }

  async function again(): Promise<void> {
    resend.disabled = true;
    const answer = await desk.api.once('POST', `/bookings/${booking}/resend`, {}, browserClock.newId());
    resend.disabled = false;
    trouble.show(answer);
    if (answer.ok) await load(true);
  }

  return { element, load };
}

/** One letter or event; what did not arrive can be sent again. */
export function deliveryLine(desk: Desk, delivery: Delivery, reload: () => Promise<void>): HTMLElement {
  const { id, kind, to, status, note, createdAt } = delivery;
  const retry = h('button', { class: 'link', type: 'button' }, 'Send again');
  retry.addEventListener('click', async () => {
    retry.disabled = true;
    await desk.api.once('POST', `/deliveries/${id}/retry`, {}, browserClock.newId());
    await reload();
  });
  return h(
    'li',
    {},
    h('small', {}, localMoment(createdAt)),
    h('span', {}, h('b', {}, kind), ` to ${to}: ${statusWords[status]}`, note !== '' && ` (${note})`),
    status === 'dead' && desk.mayRun && retry,
  );
}
