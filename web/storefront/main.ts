import type { View } from '../../client-sdk/elements/dom.js';
import { h } from '../../client-sdk/elements/dom.js';
import { eventsPage } from './events-page.js';
import { footer, header } from './frame.js';
import { navigate, onNavigate } from './router.js';
import { loadConfig, type ShopConfig } from './shop.js';
import './styles/base.css';
import './styles/events.css';
import './styles/event.css';
import './styles/cart.css';
import './styles/queue.css';
import './styles/seat-list.css';
import './styles/booking.css';
import { troubleView } from './words.js';

/** The storefront: one document, a page by path. Pages behind the first are loaded when they are opened. */
const routes: readonly { readonly path: RegExp; open(config: ShopConfig, id: string): Promise<View> | View }[] = [
  { path: /^\/$/, open: (config) => eventsPage(config) },
  {
    path: /^\/events\/([^/]+)$/,
    open: async (config, id) => (await import('./event-page.js')).eventPage(config, id),
  },
  {
    path: /^\/bookings\/([^/]+)$/,
    open: async (config, id) => (await import('./booking-page.js')).bookingPage(config, id),
  },
];

let current: View | undefined;
let visit = 0;

async function show(config: ShopConfig): Promise<void> {
  const mine = ++visit;
  const view = await viewOf(config);
  if (mine !== visit) {
    view.destroy?.();
    return;
  }
  current?.destroy?.();
  current = view;
  document.body.replaceChildren(header(config), view.element, footer(config));
  scrollTo(0, 0);
}

async function viewOf(config: ShopConfig): Promise<View> {
  for (const { path, open } of routes) {
    const found = path.exec(location.pathname);
    if (found) return open(config, decodeURIComponent(found[1] ?? ''));
  }
  return { element: troubleView('Nothing here', 'This address does not lead to a page of this shop.') };
}

/** Links inside the shop change the page without loading the document again. */
function followLinks(config: ShopConfig): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (!routes.some(({ path }) => path.test(link.pathname))) return;
    event.preventDefault();
    navigate(link.href);
  });
  onNavigate(() => void show(config));
}

async function start(): Promise<void> {
  try {
    const config = await loadConfig();
    followLinks(config);
    await show(config);
  } catch {
    const again = h('button', { class: 'button', click: () => location.reload() }, 'Try again');
    document.body.replaceChildren(
      troubleView('The box office does not answer', 'Check your connection, or try again in a moment.', again),
    );
  }
}

void start();
