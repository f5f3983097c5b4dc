import type { Chart } from '../protocol/chart.js';
import { decodeChartPack } from '../protocol/chart-pack.js';
import type { Availability, EventPage, EventView, PriceList } from '../protocol/http.js';
import type { Api } from './api.js';
import type { Result } from './result.js';

/** What `GET /v1/events` takes: all that is given has to fit. */
export interface EventsWish {
  /** Dates of one production: an event's `series`. */
  readonly series?: string;
  readonly venue?: string;
  readonly performer?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** What is on. */
export interface Events {
  /** By start. */
  list(wish?: EventsWish): Promise<Result<{ page: EventPage }>>;
  get(id: string): Promise<Result<{ event: EventView }>>;
  /** What a hold or a booking of this price version costs. */
  prices(id: string, version: number): Promise<Result<{ prices: PriceList }>>;
  availability(id: string): Promise<Result<{ availability: Availability }>>;
  /** The geometry that an event pins by hash. */
  chart(hash: string): Promise<Result<{ chart: Chart }>>;
}

export function createEvents(api: Api): Events {
  return {
    async list(wish = {}) {
      const query = new URLSearchParams(Object.entries(wish).map(([name, value]) => [name, String(value)]));
      const result = await api.read<EventPage>(`/v1/events${query.size > 0 ? `?${query}` : ''}`);
      return result.ok ? { ok: true, page: result.body } : result;
    },
    async get(id) {
      const result = await api.read<EventView>(`/v1/events/${encodeURIComponent(id)}`);
      return result.ok ? { ok: true, event: result.body } : result;
    },
    async prices(id, version) {
      const result = await api.read<PriceList>(`/v1/events/${encodeURIComponent(id)}/prices/${version}`);
      return result.ok ? { ok: true, prices: result.body } : result;
    },
    async availability(id) {
      const result = await api.read<Availability>(`/v1/events/${encodeURIComponent(id)}/availability`);
      return result.ok ? { ok: true, availability: result.body } : result;
    },
    async chart(hash) {
      const result = await api.bytes(`/v1/charts/${encodeURIComponent(hash)}`);
      return result.ok ? { ok: true, chart: decodeChartPack(result.body, hash) } : result;
    },
  };
}
