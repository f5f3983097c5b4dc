import { browserClock } from '../../client-sdk/clock.js';
import type { View } from '../../client-sdk/elements/dom.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import { type Patience, throughOutage } from '../../client-sdk/outage.js';
import { offline } from '../../client-sdk/result.js';
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
import './styles/dark.css';
import { outageView, troubleView } from './words.js';

/** The storefront: one document, a page by path. Pages behind the first are loaded when they are opened. */
type Open = (config: ShopConfig, id: string, patience: Patience) => Promise<View> | View;
const routes: readonly { readonly path: RegExp; load(): Promise<Open> | Open }[] = [
  { path: /^\/$/, load: () => eventsPage },
  { path: /^\/events\/([^/]+)$/, load: async () => (await import('./event-page.js')).eventPage },
  { path: /^\/bookings\/([^/]+)$/, load: async () => (await import('./booking-page.js')).bookingPage },
];

let current: View | undefined;
let visit = new AbortController();

async function show(config: ShopConfig): Promise<void> {
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  const put = (view: View) => {
    current?.destroy?.();
    current = view;
    document.body.replaceChildren(header(config), view.element, footer(config));
    scrollTo(0, 0);
  };
  const onOutage = () => {
    if (!signal.aborted) put({ element: outageView() });
  };
  const view = await viewOf(config, { clock: browserClock, signal, onOutage });
  if (signal.aborted) view.destroy?.();
  else put(view);
}

async function viewOf(config: ShopConfig, patience: Patience): Promise<View> {
  for (const { path, load } of routes) {
    const found = path.exec(location.pathname);
    if (!found) continue;
    const loaded = await throughOutage(async () => {
      try {
        return { ok: true, open: await load() } as const;
      } catch {
        return offline;
      }
    }, patience);
    if (loaded.ok) return loaded.open(config, decodeURIComponent(found[1] ?? ''), patience);
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
  const loaded = await throughOutage(loadConfig, {
    clock: browserClock,
    signal: visit.signal,
    onOutage: () => document.body.replaceChildren(outageView()),
  });
  if (!loaded.ok) {
    document.body.replaceChildren(troubleView('This shop could not be opened', inWords(loaded)));
    return;
  }
  followLinks(loaded.config);
  await show(loaded.config);
}

void start();
