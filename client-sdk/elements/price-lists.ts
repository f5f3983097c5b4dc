import type { EventView, PriceList } from '../../protocol/http.js';
import type { Cavea } from '../cavea.js';
import { createListeners, createSource, type Observable } from '../observable.js';

/** The versions of an event's prices that the page has heard of: its own, and those under which its holds were made. */
export interface PriceLists {
  /** What a seat costs that is taken now, as far as is known: versions only grow. */
  readonly latest: Observable<PriceList>;
  /** Undefined while it is on its way. */
  of(version: number): PriceList | undefined;
  /** One has come that was on its way. */
  onLoad(listener: () => void): () => void;
}

export function createPriceLists(shop: Cavea, event: EventView): PriceLists {
  const lists = new Map<number, PriceList>([[event.priceVersion, event]]);
  const asked = new Set<number>();
  const latest = createSource<PriceList>(event);
  const loads = createListeners<[]>();

  async function load(version: number): Promise<void> {
    asked.add(version);
    const result = await shop.events.prices(event.id, version);
    asked.delete(version);
    if (!result.ok) return;
    const isLatest = version > Math.max(...lists.keys());
    lists.set(version, result.prices);
    if (isLatest) latest.set(result.prices);
    loads.call();
  }

  return {
    latest,
    of(version) {
      if (!lists.has(version) && !asked.has(version)) void load(version);
      return lists.get(version);
    },
    onLoad: loads.add,
  };
}
