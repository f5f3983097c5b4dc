import { createElement, type ReactElement, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Chart } from '../protocol/chart.js';
import type { EventView } from '../protocol/http.js';
import { amountsOf } from '../protocol/prices.js';
import { type Cavea, type CaveaOptions, createCavea } from './cavea.js';
import type { ConnectionState } from './connection.js';
import type { HoldsSnapshot } from './holds.js';
import { createMap, type SeatMap as MapHandle } from './map/map.js';
import { mapPalette, type Scheme } from './map/palette.js';
import type { Palette } from './map/scene.js';
import type { Observable } from './observable.js';
import type { QueueState } from './queue.js';
import type { Refusal } from './result.js';
import type { SeatsSnapshot } from './seats.js';

/** The SDK for React 18 and later: hooks over its observables, and the map as one component. Safe to render on a server. */

/** What every part of the SDK is now; renders again when it changes. */
export function useObservable<T>(source: Observable<T>): T {
  return useSyncExternalStore(source.subscribe, source.getSnapshot, source.getSnapshot);
}

export type OpenedShop =
  /** `trouble`: the server does not answer, and is asked again. */
  | { readonly name: 'opening'; readonly trouble?: Refusal }
  | { readonly name: 'refused'; readonly refusal: Refusal }
  | { readonly name: 'open'; readonly event: EventView; readonly chart: Chart };

/**
 * A client of one event, opened when the component is there and closed when it goes. Another `url`, `key` or `event` makes
 * another client; functions may be new at each render.
 */
export function useCavea(options: CaveaOptions): { readonly shop: Cavea; readonly opened: OpenedShop } {
  const latest = useRef(options);
  latest.current = options;
  const { url, key, event } = options;
  const [opened, setOpened] = useState<OpenedShop>({ name: 'opening' });
  const make = () => {
    const { getToken } = latest.current;
    const later = () => latest.current.getToken?.() ?? Promise.reject(new Error('no token'));
    return createCavea({ ...latest.current, ...(getToken && { getToken: later }) });
  };
  // Making one connects nothing: it is opened below, and one that React throws away unseen holds nothing.
  const shop = useMemo(make, [url, key, event]);
  const [current, setCurrent] = useState(shop);
  useEffect(() => {
    // A client that was closed stays closed: React's strict mode runs effects twice.
    const own = isClosed(shop) ? make() : shop;
    setCurrent(own);
    setOpened({ name: 'opening' });
    let isHere = true;
    if (latest.current.event !== undefined) {
      const onOutage = (trouble: Refusal) => isHere && setOpened({ name: 'opening', trouble });
      void own.open({ onOutage }).then((result) => {
        if (!isHere) return;
        if (result.ok) setOpened({ name: 'open', event: result.event, chart: result.chart });
        else setOpened({ name: 'refused', refusal: result });
      });
    }
    return () => {
      isHere = false;
      own.close();
    };
  }, [shop]);
  return { shop: current, opened };
}

function isClosed({ connection }: Cavea): boolean {
  return connection.getSnapshot().name === 'closed';
}

export const useConnection = (shop: Cavea): ConnectionState => useObservable(shop.connection);
/** Undefined until the map has come. */
export const useSeats = (shop: Cavea): SeatsSnapshot | undefined => useObservable(shop.seats);
export const useHolds = (shop: Cavea): HoldsSnapshot => useObservable(shop.holds);
export const useQueue = (shop: Cavea): QueueState => useObservable(shop.queue);

export interface SeatMapProps {
  readonly shop: Cavea;
  readonly event: EventView;
  readonly chart: Chart;
  readonly onSeat?: (seat: number) => void;
  readonly onArea?: (area: number) => void;
  readonly onFree?: (free: number) => void;
  readonly formatPrice?: (amount: number) => string;
  readonly palette?: Palette;
  /** What it stands on, where there is no `palette`. Another one makes the map anew. */
  readonly scheme?: Scheme;
  readonly className?: string;
  readonly label?: string;
  /** The map itself, to zoom or to show seats; undefined when it goes. */
  readonly onMap?: (map: MapHandle | undefined) => void;
}

/** The live map, in an element that fills its place. It is made once for a shop and a chart, whatever else changes. */
export function SeatMap(props: SeatMapProps): ReactElement {
  const { shop, chart, className, scheme, label = 'Seat map' } = props;
  const container = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const seats = useSeats(shop);
  const isThere = seats !== undefined;
  useEffect(() => {
    const element = container.current;
    if (!element || !isThere) return undefined;
    const { event, palette, onMap } = latest.current;
    const map = createMap({
      container: element,
      seats: shop.seats,
      holds: shop.holds,
      palette: palette ?? mapPalette(event, chart, scheme),
      amounts: amountsOf(chart.categories, event.prices),
      formatPrice: (amount) => latest.current.formatPrice?.(amount) ?? String(amount / 100),
      onSeat: (seat) => latest.current.onSeat?.(seat),
      onArea: (area) => latest.current.onArea?.(area),
      onSummary: ({ free }) => latest.current.onFree?.(free),
    });
    onMap?.(map);
    return () => {
      latest.current.onMap?.(undefined);
      map.destroy();
    };
  }, [shop, chart, isThere, scheme]);
  const style = { position: 'relative', width: '100%', height: '100%' } as const;
  return createElement('div', { ref: container, className, style, role: 'application', 'aria-label': label });
}
