import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import type { Cavea, CaveaOptions } from '../../client-sdk/cavea.js';
import { browserClock } from '../../client-sdk/clock.js';
import type { SeatsSnapshot } from '../../client-sdk/seats.js';
import type { Down } from '../../protocol/down.js';
import type { EventView } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import type { HallShape } from '../model/map-digest.js';
import { shownDigest } from './shown-digest.js';
import type { Sample } from './stale-judge.js';

/** The part of the SDK that is looked at: what a page shows, and whether it says that this may be old. */
export interface Sdk {
  createCavea(options: CaveaOptions): Cavea;
}

/** What a frame becomes on its way to the client; undefined: it is lost. */
export type Tamper = (frame: Down) => Down | undefined;

export interface CrowdOptions {
  readonly name: string;
  readonly sdk: Sdk;
  readonly clients: number;
  readonly url: string;
  readonly event: EventView;
  readonly shape: HallShape;
  /** The chart's pack. */
  readonly chart: Uint8Array;
  /** Session tokens, shared among the clients. */
  readonly tokens: readonly string[];
  /** For each client its own; undefined: an honest link. */
  readonly tamper?: (client: number) => Tamper | undefined;
  readonly onSample: (sample: Sample) => void;
}

/** Pages that watch one event. */
export interface Crowd {
  readonly name: string;
  readonly size: number;
  /** How many say that they are live. */
  live(): number;
  /** How many of them are live and show this. */
  showing(digest: number): number;
  close(): void;
}

const LOOK_MS = 200;

export async function openCrowd(options: CrowdOptions): Promise<Crowd> {
  const { name, clients, event, shape, onSample } = options;
  const pages = Array.from({ length: clients }, (_, client) => pageOf(options, client));
  const seen = new WeakMap<SeatsSnapshot, number>();
  const opened = await Promise.all(pages.map((page) => page.open()));
  const refusal = opened.find((result) => !result.ok);
  if (refusal) throw new Error(`a page of ${event.title} could not be opened: ${JSON.stringify(refusal)}`);

  function digestOf(snapshot: SeatsSnapshot): number {
    let digest = seen.get(snapshot);
    if (digest === undefined) {
      digest = shownDigest(snapshot, shape);
      seen.set(snapshot, digest);
    }
    return digest;
  }

  function look(): void {
    const at = systemClock.monotonic();
    pages.forEach((page, client) => {
      const snapshot = page.seats.getSnapshot();
      if (!snapshot?.ready) return;
      const { live } = snapshot;
      onSample({ who: `${name} ${client}`, at, live, digest: live ? digestOf(snapshot) : 0 });
    });
  }

  const timer = systemClock.every(LOOK_MS, look);
  const snapshots = () => pages.flatMap((page) => page.seats.getSnapshot() ?? []);
  return {
    name,
    size: clients,
    live: () => snapshots().filter(({ live }) => live).length,
    showing: (digest) => snapshots().filter((snapshot) => snapshot.live && digestOf(snapshot) === digest).length,
    close() {
      timer.cancel();
      for (const page of pages) page.close();
    },
  };
}

function pageOf({ sdk, url, event, chart, tokens, tamper }: CrowdOptions, client: number): Cavea {
  const token = tokens[client % tokens.length] ?? '';
  return sdk.createCavea({
    url,
    event: event.id,
    getToken: async () => token,
    getEvent: async () => ({ ok: true, event }),
    environment: {
      clock: browserClock,
      storage: undefined,
      fetch: async () => new Response(new Uint8Array(chart)),
      WebSocket: socketThrough(tamper?.(client)),
    },
  });
}

function spoilt(data: Buffer, tamper: Tamper): Uint8Array | undefined {
  const frame = decode(data) as Down;
  const passed = tamper(frame);
  if (passed === frame) return data;
  return passed && encode(passed);
}

/** A browser's WebSocket, as far as the SDK uses it, whose frames may be lost or spoilt on their way in. */
function socketThrough(tamper: Tamper | undefined): new (url: string, protocols: string[]) => globalThis.WebSocket {
  class SpoiltSocket {
    binaryType = 'arraybuffer';
    onopen: (() => void) | null = null;
    onmessage: ((message: { data: ArrayBuffer }) => void) | null = null;
    onerror: (() => void) | null = null;
    onclose: ((event: { code: number }) => void) | null = null;
    readonly #socket: WebSocket;

    constructor(url: string, protocols: string[]) {
      this.#socket = new WebSocket(url, protocols);
      this.#socket.on('open', () => this.onopen?.());
      this.#socket.on('error', () => this.onerror?.());
      this.#socket.on('close', (code) => this.onclose?.({ code }));
      this.#socket.on('message', (data: Buffer) => {
        const bytes = tamper ? spoilt(data, tamper) : data;
        if (bytes) this.onmessage?.({ data: new Uint8Array(bytes).buffer });
      });
    }

    get readyState(): number {
      return this.#socket.readyState;
    }

    send(text: string): void {
      this.#socket.send(text);
    }

    close(): void {
      this.#socket.close();
    }
  }
  return SpoiltSocket as unknown as new (
    url: string,
    protocols: string[],
  ) => globalThis.WebSocket;
}
