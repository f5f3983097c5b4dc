import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { DeliveryPage, InboxEvent, InboxPage } from '../../protocol/outbound.js';
import { deliveryLine } from './sent-panel.js';
import type { Desk } from './sign-in.js';
import { localMoment } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

/** What waits for a person: events of the payment provider that could not be used, and what did not arrive. */
export async function inboxPage(desk: Desk): Promise<View> {
  const [inbox, dead] = [inboxPanel(desk), deadPanel(desk)];
  await Promise.all([inbox.load(), dead.load()]);
  return {
    element: h('main', { class: 'page', id: 'content' }, h('h1', {}, 'To look at'), inbox.element, dead.element),
  };
}

function inboxPanel(desk: Desk) {
  const trouble = problemLine();
  const list = h('ol', { class: 'audit' });
  const nothing = h('p', { class: 'faint' }, 'Nothing: every event of the payment provider was understood.');

  async function load(): Promise<void> {
    const page = await desk.api.get<InboxPage>('/inbox?status=review&limit=200');
    trouble.show(page);
    if (!page.ok) return;
    nothing.hidden = page.body.items.length > 0;
    list.replaceChildren(...page.body.items.map(line));
  }

  function line({ id, type, note, receivedAt }: InboxPage['items'][number]): HTMLElement {
    const body = h('pre', { hidden: true });
    const look = h('button', { class: 'link', type: 'button' }, 'Show');
    look.addEventListener('click', async () => {
      const event = await desk.api.get<InboxEvent>(`/inbox/${id}`);
      trouble.show(event);
      body.hidden = !event.ok;
      if (event.ok) body.textContent = JSON.stringify(event.body.body, null, 2);
    });
    const found = h('input', { required: true, maxlength: 500 });
    const close = h(
      'form',
      { class: 'grid', name: 'close' },
      field('What you found', found),
      h('button', { class: 'button small' }, 'Close'),
    );
    close.addEventListener('submit', async (submitted) => {
      submitted.preventDefault();
      trouble.show(await desk.api.once('POST', `/inbox/${id}/close`, { note: found.value }, browserClock.newId()));
      await load();
    });
    return h(
      'li',
      {},
      h('small', {}, localMoment(receivedAt)),
      h('span', {}, h('b', {}, type), ` ${note} `, look),
      h('code', {}, id),
      body,
      desk.mayRun && close,
    );
  }

  return { element: panel('Events of the payment provider', nothing, list, trouble.element), load };
}

function deadPanel(desk: Desk) {
  const trouble = problemLine();
  const list = h('ol', { class: 'audit' });
  const nothing = h('p', { class: 'faint' }, 'Nothing: every letter and every event has arrived or is on its way.');

  async function load(): Promise<void> {
    const page = await desk.api.get<DeliveryPage>('/deliveries?status=dead&limit=200');
    trouble.show(page);
    if (!page.ok) return;
    nothing.hidden = page.body.items.length > 0;
    list.replaceChildren(...page.body.items.map((delivery) => deliveryLine(desk, delivery, load)));
  }

  return { element: panel('What did not arrive', nothing, list, trouble.element), load };
}
