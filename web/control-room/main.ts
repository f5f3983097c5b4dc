import { h, type View } from '../../client-sdk/elements/dom.js';
import { bookingPage } from './booking-page.js';
import { bookingsPage } from './bookings-page.js';
import { eventPage } from './event-page.js';
import { eventsPage } from './events-page.js';
import { inboxPage } from './inbox-page.js';
import { newEventPage } from './new-event-page.js';
import { peoplePage } from './people-page.js';
import { currentDesk, type Desk, signInPage } from './sign-in.js';
import { systemPage } from './system-page.js';
import '../storefront/styles/base.css';
import './styles/control-room.css';
import './styles/event.css';

/** The control room: one document, a page by what follows `#`. */
const routes: readonly { readonly path: RegExp; open(desk: Desk, id: string): View | Promise<View> }[] = [
  { path: /^\/?$/, open: (desk) => eventsPage(desk) },
  { path: /^\/new$/, open: (desk) => newEventPage(desk) },
  { path: /^\/people$/, open: (desk) => peoplePage(desk) },
  { path: /^\/bookings$/, open: (desk) => bookingsPage(desk) },
  { path: /^\/bookings\/([^/]+)$/, open: (desk, id) => bookingPage(desk, id) },
  { path: /^\/inbox$/, open: (desk) => inboxPage(desk) },
  { path: /^\/system$/, open: (desk) => systemPage(desk) },
  { path: /^\/events\/([^/]+)$/, open: (desk, id) => eventPage(desk, id) },
];

let current: View | undefined;
let visit = 0;

async function show(desk: Desk): Promise<void> {
  const mine = ++visit;
  const path = location.hash.slice(1);
  let view: View = { element: h('main', { class: 'page', id: 'content' }, h('h1', {}, 'There is no such page')) };
  for (const route of routes) {
    const found = route.path.exec(path);
    if (found) view = await route.open(desk, found[1] ?? '');
  }
  if (mine !== visit) {
    view.destroy?.();
    return;
  }
  current?.destroy?.();
  current = view;
  document.body.replaceChildren(header(desk), view.element);
  scrollTo(0, 0);
}

function header({ me, signOut }: Desk): HTMLElement {
  return h(
    'header',
    { class: 'desk-header' },
    h('a', { class: 'brand', href: '#/' }, 'Cavea'),
    h(
      'nav',
      { 'aria-label': 'Control room' },
      h('a', { href: '#/' }, 'Events'),
      h('a', { href: '#/bookings' }, 'Bookings'),
      h('a', { href: '#/inbox' }, 'To look at'),
      h('a', { href: '#/system' }, 'System'),
      me.role === 'owner' && h('a', { href: '#/people' }, 'Staff and keys'),
      h('a', { href: '/docs' }, 'API'),
    ),
    h('span', { class: 'who' }, `${me.name} · ${me.role}`),
    h('button', { class: 'link', type: 'button', click: signOut }, 'Sign out'),
  );
}

function begin(desk: Desk): void {
  if (desk.me.role === 'door') {
    location.replace('/door');
    return;
  }
  addEventListener('hashchange', () => void show(desk));
  void show(desk);
}

async function start(): Promise<void> {
  const desk = await currentDesk();
  if (desk) begin(desk);
  else document.body.replaceChildren(signInPage('Control room', begin));
}

void start();
