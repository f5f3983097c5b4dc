import type { Down, SnapshotFrame } from '../../protocol/down.js';
import { limits } from '../../protocol/limits.js';
import { mapDigest } from '../../protocol/status.js';
import { PROTOCOL_VERSION } from '../../protocol/version.js';
import { systemClock } from '../../server/core/clock.js';
import { unpack } from '../../server/core/codec.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { frameType } from '../lib/frame-type.js';
import { openThinSocket, type ThinSocket } from '../lib/thin-socket.js';
import { event } from '../socket/event.js';

/** Viewers who take the whole map: again and again on sockets that stay, or once on a socket of their own. */
export interface Taken {
  /** Snapshots, or joins with one each, that were complete within the time. */
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** No socket asks more often than a client may lastingly, and a little less. */
const PAUSE_MS = 1.1 * ((1_000 * limits.subscribeCost) / limits.requestsPerSecond);
/** Sockets that are being opened at once, or joins under way. */
const AT_ONCE = 64;

const open: Joiner[] = [];
let tokens: readonly string[] = [];
let seats = 0;
let nextToken = 0;
/** The last snapshot, whose digest is right. */
let checked: Buffer = Buffer.alloc(0);
let wrongDigests = 0;
let refused = 0;
let lost = 0;

const calls = {
  async connect(to: { port: number; tokens: readonly string[]; seats: number; sockets: number }): Promise<void> {
    ({ tokens, seats } = to);
    for (let from = 0; from < to.sockets; from += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, to.sockets - from) }, () => welcomed(to.port));
      open.push(...(await Promise.all(some)));
    }
  },

  /** Each open socket asks for the map as often as it may. */
  async takeSnapshots(seconds: number): Promise<Taken> {
    return await within(seconds, (count, until) =>
      Promise.all(
        open.map(async (joiner, number) => {
          // Spread over the pause, or all would ask in the same moment.
          await systemClock.sleep((PAUSE_MS * number) / open.length);
          for (let due = systemClock.monotonic(); due < until; ) {
            await joiner.subscribe();
            count();
            due = Math.max(due + PAUSE_MS, systemClock.monotonic());
            await systemClock.sleep(due - systemClock.monotonic());
          }
        }),
      ),
    );
  },

  /** From opening a connection to having the map, one after the other in so many places. */
  async join({ port, seconds }: { port: number; seconds: number }): Promise<Taken> {
    return await within(seconds, (count, until) =>
      Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (systemClock.monotonic() < until) {
            const joiner = await welcomed(port);
            await joiner.subscribe();
            count();
            joiner.leave();
          }
        }),
      ),
    );
  },

  standing: () => ({ snapshotBytes: checked.length, wrongDigests, refused, lost }),
};
export type JoinerCalls = typeof calls;
answer(calls);

async function within(seconds: number, work: (count: () => void, until: number) => Promise<unknown>): Promise<Taken> {
  const cpuBefore = cpuSeconds();
  const until = systemClock.monotonic() + seconds * 1_000;
  let taken = 0;
  const count = () => {
    if (systemClock.monotonic() < until) taken++;
  };
  await work(count, until);
  return { count: taken, seconds, cpuSeconds: cpuSeconds() - cpuBefore };
}

/** A socket that has been welcomed. */
async function welcomed(port: number): Promise<Joiner> {
  const joiner = new Joiner();
  await joiner.open(port, tokens[nextToken++ % tokens.length] ?? '');
  return joiner;
}

class Joiner {
  #socket: ThinSocket | undefined;
  #answered: () => void = () => {};
  #hasMap = false;
  #leaving = false;

  async open(port: number, token: string): Promise<void> {
    const closed = () => {
      if (!this.#leaving) lost++;
    };
    this.#socket = await openThinSocket(port, '/v1/live', (payload) => this.#hear(payload), closed);
    await this.#ask({ type: 'hello', id: 1, protocol: PROTOCOL_VERSION, token });
  }

  /** Resolves when the map and the answer have come. */
  async subscribe(): Promise<void> {
    this.#hasMap = false;
    await this.#ask({ type: 'subscribe', id: 2, event });
    if (!this.#hasMap) refused++;
  }

  leave(): void {
    this.#leaving = true;
    this.#socket?.end();
  }

  #ask(frame: object): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket?.send(JSON.stringify(frame));
    });
  }

  #hear(payload: Buffer): void {
    const type: Down['type'] = frameType(payload);
    if (type === 'welcome' || type === 'outcome') this.#answered();
    if (type !== 'snapshot') return;
    this.#hasMap = true;
    if (payload.equals(checked)) return;
    if (isIntact(payload)) checked = Buffer.from(payload);
    else wrongDigests++;
  }
}

function isIntact(payload: Buffer): boolean {
  const { status, digest } = unpack(payload) as SnapshotFrame;
  return mapDigest(status, seats, []) === digest;
}
