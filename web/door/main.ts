import { h, type View } from '../../client-sdk/elements/dom.js';
import type { DoorEvents } from '../../protocol/door.js';
import { currentDesk, keptToken, signInPage, signOut } from '../control-room/sign-in.js';
import { keepEvents, keptEvents } from './device-store.js';
import { createDoorApi, type DoorApi } from './door-api.js';
import { eventsPage } from './events-page.js';
import { keepPage } from './keep-page.js';
import { scanPage } from './scan-page.js';
import '../storefront/styles/base.css';
import '../control-room/styles/control-room.css';
import './styles/door.css';

/** The door: one document, the event by what follows `#`. It opens without a network too, with what the device knows. */
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

async function begin(token: string): Promise<void> {
  const api = createDoorApi(token, signOut);
  const told = await api.events();
  if (told !== 'offline') await keepEvents(told);
  const events = told === 'offline' ? await keptEvents() : told;
  if (!events) {
    const again = h('button', { class: 'button', type: 'button', click: () => void begin(token) }, 'Try again');
    document.body.replaceChildren(h('main', { class: 'door' }, h('p', {}, 'The server does not answer.'), again));
    return;
  }
  addEventListener('hashchange', () => void show(api, events));
  await show(api, events);
}

async function start(): Promise<void> {
  keepPage();
  const token = (await currentDesk())?.token ?? keptToken();
  if (token !== undefined) await begin(token);
  else document.body.replaceChildren(signInPage('Door', (desk) => void begin(desk.token)));
}

void start();
