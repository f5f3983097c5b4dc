import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { type Cavea, createCavea } from '../cavea.js';
import { createSource, type Observable } from '../observable.js';
import type { Refusal } from '../result.js';
import { createPriceLists, type PriceLists } from './price-lists.js';
import { createTicketChoice, type TicketChoice } from './ticket-choice.js';

/**
 * One client for all elements of a page that are about the same event: it opens with the first and closes with the last.
 *   opening ── event and chart are here ──→ open        opening ── refused ──→ refused
 *   opening ── the server does not answer ──→ opening, with the trouble that a page can tell of
 */
export interface ElementShop {
  readonly settings: ShopSettings;
  readonly cavea: Cavea;
  readonly state: Observable<ShopState>;
  /** Forgets the element that asked for it. */
  leave(): void;
}

export interface ShopSettings {
  readonly server: string;
  readonly key: string;
  /** Empty for what is about all events. */
  readonly event: string;
}

export type ShopState =
  | { readonly name: 'opening'; readonly trouble?: Refusal }
  | { readonly name: 'refused'; readonly refusal: Refusal }
  | ({ readonly name: 'open' } & Opened);

export interface Opened {
  readonly event: EventView;
  readonly chart: Chart;
  readonly lists: PriceLists;
  /** Ticket types that are chosen for held seats. */
  readonly choice: TicketChoice;
}

interface Shared {
  readonly cavea: Cavea;
  readonly state: Observable<ShopState>;
  users: number;
}

const shops = new Map<string, Shared>();

export function joinShop(settings: ShopSettings): ElementShop {
  const id = JSON.stringify(settings);
  const shared = shops.get(id) ?? open(settings);
  shops.set(id, shared);
  shared.users++;
  let left = false;
  return {
    settings,
    cavea: shared.cavea,
    state: shared.state,
    leave() {
      if (left) return;
      left = true;
      shared.users--;
      if (shared.users > 0) return;
      shops.delete(id);
      shared.cavea.close();
    },
  };
}

function open({ server, key, event }: ShopSettings): Shared {
  const cavea = createCavea({ url: server, key, event });
  const state = createSource<ShopState>({ name: 'opening' });
  if (event !== '') {
    const onOutage = (trouble: Refusal) => state.set({ name: 'opening', trouble });
    void cavea.open({ onOutage }).then((opened) => {
      if (!opened.ok) return state.set({ name: 'refused', refusal: opened });
      const { event: view, chart } = opened;
      const lists = createPriceLists(cavea, view);
      state.set({ name: 'open', event: view, chart, lists, choice: createTicketChoice(lists, chart) });
    });
  }
  return { cavea, state, users: 0 };
}
