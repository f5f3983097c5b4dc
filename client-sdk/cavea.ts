import type { Chart } from '../protocol/chart.js';
import type { EventView } from '../protocol/http.js';
import { createApi } from './api.js';
import { type Bookings, createBookings } from './bookings.js';
import { createChartWatch } from './chart-watch.js';
import { browserClock, type ClientClock } from './clock.js';
import { type Connection, type ConnectionState, createConnection } from './connection.js';
import { createEvents, type Events } from './events.js';
import { type Holds, LiveHolds } from './holds.js';
import { httpWire } from './http-wire.js';
import { createKept, type TokenStore } from './kept.js';
import { createListeners, type Observable } from './observable.js';
import { throughOutage } from './outage.js';
import { LiveQueue, type Queue } from './queue.js';
import { createRequests } from './requests.js';
import type { Refusal, Result } from './result.js';
import { createSearch, type Search } from './search.js';
import { LiveSeats, type Seats } from './seats.js';
import { createServerTime } from './server-time.js';
import { createSession } from './session.js';
import { type SocketConstructor, socketWire } from './wire.js';

/** The SDK's entry point. Nothing happens on import; nothing connects without an event. */
export interface CaveaOptions {
  /** Origin of the server, such as `https://tickets.example`. */
  readonly url: string;
  /** Publishable key, `pk_…`; not needed with `getToken`. */
  readonly key?: string;
  /** The event whose seats to follow. */
  readonly event?: string;
  /** A session token made by the shop's own server, for a buyer that it knows. */
  readonly getToken?: () => Promise<string>;
  /** Reads the event when it is not to be had by everybody: staff see drafts. */
  readonly getEvent?: () => Promise<Result<{ event: EventView }>>;
  /** Closes it when aborted, as `close()` does. */
  readonly signal?: AbortSignal;
  /** Replaced in tests and outside browsers. */
  readonly environment?: Partial<Environment>;
}

export interface Environment {
  readonly clock: ClientClock;
  readonly fetch: typeof fetch;
  readonly WebSocket: SocketConstructor;
  readonly storage: TokenStore | undefined;
}

/** What a page can say already while it opens. */
export interface OpenNews {
  /** The event is known, its chart still on its way. */
  readonly onEvent?: (event: EventView) => void;
  /** The server does not answer; it is asked again. */
  readonly onOutage?: (refusal: Refusal) => void;
}

export interface Cavea {
  readonly connection: Observable<ConnectionState>;
  readonly seats: Seats;
  readonly holds: Holds;
  /** Of an event with a waiting room: take a place, and the seats come when it is their turn. */
  readonly queue: Queue;
  readonly bookings: Bookings;
  readonly events: Events;
  readonly search: Search;
  /** The server's time now, as far as it is known. */
  now(): number;
  /** Loads the event and its chart, and goes live. Through an outage it goes on trying; repeat it after a refusal. */
  open(news?: OpenNews): Promise<Result<{ event: EventView; chart: Chart }>>;
  /**
   * The event has got another chart, told within some seconds. Seats keep their indexes, but what shows them has to be
   * opened anew: until then names and places are the old ones, and `seats` is not live where the map does not fit.
   */
  onChartChange(listener: () => void): () => void;
  /** Ends the socket and all timers. Holds stay as they are. */
  close(): void;
}

export function createCavea(options: CaveaOptions): Cavea {
  const { clock, fetch, WebSocket, storage } = { ...browserEnvironment(), ...options.environment };
  const { key = '', getToken, event = '' } = options;
  const url = options.url.replace(/\/$/, '');
  const session = createSession({ url, key, clock, storage, fetch, getToken });
  const time = createServerTime(clock);
  const api = createApi(url, session, fetch, time);
  const events = createEvents(api);
  const readEvent = options.getEvent ?? (() => events.get(event));
  const connection = createConnection({
    session,
    time,
    clock,
    wires: { socket: socketWire(`${url.replace(/^http/, 'ws')}/v1/live`, WebSocket), http: httpWire(url, fetch) },
  });
  const seats = new LiveSeats(event, connection, clock);
  const requests = createRequests(connection, clock);
  const holds = new LiveHolds(event, connection, requests, time, clock);
  const queue = new LiveQueue(event, connection, requests, clock, createKept(storage, `cavea:receipt:${url}:${event}`));
  queue.subscribe(() => {
    if (queue.getSnapshot().name === 'admitted') seats.admitted();
  });
  let stopWaking = () => {};
  const closed = new AbortController();
  const chartChanges = createListeners<[]>();
  const readHash = async () => {
    const found = await readEvent();
    return found.ok ? found.event.chartHash : undefined;
  };
  const watch = createChartWatch(clock, readHash, chartChanges.call);
  const stopDoubting = seats.onChartDoubt(watch.doubt);

  function close(): void {
    closed.abort();
    stopWaking();
    stopDoubting();
    watch.stop();
    seats.stop();
    holds.stop();
    queue.stop();
    connection.stop();
  }
  if (options.signal?.aborted) close();
  options.signal?.addEventListener('abort', close, { once: true, signal: closed.signal });

  return {
    connection,
    seats,
    holds,
    queue,
    bookings: createBookings(api, clock),
    events,
    search: createSearch(api, clock),
    now: () => time.now(),
    async open({ onEvent, onOutage } = {}) {
      stopWaking();
      if (!closed.signal.aborted) stopWaking = wakeWithPage(connection);
      connection.start();
      const patience = { clock, signal: closed.signal, onOutage };
      const found = await throughOutage(readEvent, patience);
      if (!found.ok) return found;
      onEvent?.(found.event);
      const drawn = await throughOutage(() => events.chart(found.event.chartHash), patience);
      if (!drawn.ok) return drawn;
      watch.use(found.event.chartHash);
      seats.setChart(drawn.chart);
      return { ok: true, event: found.event, chart: drawn.chart };
    },
    onChartChange: chartChanges.add,
    close,
  };
}

function browserEnvironment(): Environment {
  return {
    clock: browserClock,
    fetch: (...call) => globalThis.fetch(...call),
    WebSocket: globalThis.WebSocket,
    storage: storageOf(globalThis),
  };
}

/** Reading `localStorage` throws where the user forbids it. */
function storageOf(scope: { localStorage?: TokenStore }): TokenStore | undefined {
  try {
    return scope.localStorage;
  } catch {
    return undefined;
  }
}

/** Sleep, tunnels and the back-forward cache end sockets silently; these are the moments to look. */
function wakeWithPage(connection: Connection): () => void {
  if (typeof document === 'undefined') return () => {};
  const wake = (): void => {
    if (document.visibilityState === 'visible') connection.wake();
  };
  const moments: [EventTarget, string][] = [
    [document, 'visibilitychange'],
    [window, 'online'],
    [window, 'pageshow'],
  ];
  for (const [target, name] of moments) target.addEventListener(name, wake);
  return () => {
    for (const [target, name] of moments) target.removeEventListener(name, wake);
  };
}
