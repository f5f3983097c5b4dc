import type { DoorEvents } from '../../protocol/door.js';
import { currentDesk, type Desk, signInPage } from '../control-room/sign-in.js';
import { h, type View } from '../storefront/dom.js';
import { createDoorApi, type DoorApi } from './door-api.js';
import { eventsPage } from './events-page.js';
import { scanPage } from './scan-page.js';
import '../storefront/styles/base.css';
import '../control-room/styles/control-room.css';
import './styles/door.css';

/** The door: one document, the event by what follows `#`. */
let current: View | undefined;
let visit = 0;

async function show(api: DoorApi, events: DoorEvents): Promise<void> {
  const mine = ++visit;
  current?.destroy?.();
  current = undefined;
  const id = /^#\/events\/([^/]+)$/.exec(location.hash)?.[1];
  const event = events.items.find((item) => item.id === id);
  const view = event ? await scanPage(event, api) : eventsPage(events);
  if (mine !== visit) return view.destroy?.();
  current = view;
  document.body.replaceChildren(view.element);
}

async function begin(desk: Desk): Promise<void> {
  const api = createDoorApi(desk.token, desk.signOut);
  const events = await api.events();
  if (events === 'offline') {
    const again = h('button', { class: 'button', type: 'button', click: () => void begin(desk) }, 'Try again');
    document.body.replaceChildren(h('main', { class: 'door' }, h('p', {}, 'The server does not answer.'), again));
    return;
  }
  addEventListener('hashchange', () => void show(api, events));
  await show(api, events);
}

async function start(): Promise<void> {
  const desk = await currentDesk();
  if (desk) await begin(desk);
  else document.body.replaceChildren(signInPage('Door', (found) => void begin(found)));
}

void start();
