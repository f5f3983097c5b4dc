import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { systemClock } from '../../server/core/clock.js';

/**
 * A TCP proxy that spoils links. A link: passing ⇄ paused (bytes wait) → swallowing (bytes vanish, both ends believe
 * that it is open) → cut (both ends see a reset). What depends on chance comes from the dice that it is given.
 */
export interface ChaosProxy {
  readonly port: number;
  /** Those that are open, oldest first. */
  links(): readonly Link[];
  /** Every chunk on every link waits for up to `jitterMs`, and arrives in slices of `sliceBytes`. */
  weather(conditions: Conditions): void;
  /** New connections go to another port; those that are open stay where they are. */
  retarget(port: number): void;
  close(): Promise<void>;
}

export type Direction = 'up' | 'down';

export interface Link {
  /** Whether the client has sent this text, in any case of letters, in what it said first. */
  says(text: string): boolean;
  pause(): void;
  resume(): void;
  /** From now on, `up` to the server, `down` to the client, or both. */
  swallow(...directions: Direction[]): void;
  /** After so many further bytes in that direction. */
  cutAfter(direction: Direction, bytes: number): void;
  cut(): void;
  /** Bytes carried so far. */
  readonly carried: Readonly<Record<Direction, number>>;
}

const HEARD_BYTES = 4_096;

export async function startProxy(firstTarget: number, dice: () => number): Promise<ChaosProxy> {
  const links = new Set<ProxyLink>();
  let conditions: Conditions = { jitterMs: 0, sliceBytes: Number.POSITIVE_INFINITY };
  let target = firstTarget;
  const server = createServer((client) => {
    const link = new ProxyLink(client, createConnection({ port: target, host: '127.0.0.1' }), () => conditions, dice);
    links.add(link);
    link.ended.then(() => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    links: () => [...links],
    weather(next) {
      conditions = next;
    },
    retarget(port) {
      target = port;
    },
    async close() {
      for (const link of links) link.cut();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Conditions {
  readonly jitterMs: number;
  readonly sliceBytes: number;
}

class ProxyLink implements Link {
  readonly ended: Promise<void>;
  readonly carried: Record<Direction, number> = { up: 0, down: 0 };
  readonly #ends: Readonly<Record<Direction, readonly [from: Socket, to: Socket]>>;
  readonly #conditions: () => Conditions;
  readonly #dice: () => number;
  readonly #swallowed = new Set<Direction>();
  readonly #limits: Record<Direction, number> = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };
  /** The last chunk on its way, for each direction: chunks never overtake each other. */
  readonly #last: Record<Direction, Promise<void>> = { up: Promise.resolve(), down: Promise.resolve() };
  #heard = '';

  constructor(client: Socket, server: Socket, conditions: () => Conditions, dice: () => number) {
    this.#ends = { up: [client, server], down: [server, client] };
    this.#conditions = conditions;
    this.#dice = dice;
    for (const direction of ['up', 'down'] as const) {
      const [from, to] = this.#ends[direction];
      from.setNoDelay(true);
      from.on('data', (bytes: Buffer) => this.#carry(direction, bytes));
      from.on('error', () => this.cut());
      from.on('end', () => this.#last[direction].then(() => to.end()));
    }
    this.ended = Promise.all([once(client, 'close'), once(server, 'close')]).then(
      () => {},
      () => {},
    );
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  says(text: string): boolean {
    return this.#heard.includes(text.toLowerCase());
  }

  pause(): void {
    for (const [from] of Object.values(this.#ends)) from.pause();
  }

  resume(): void {
    for (const [from] of Object.values(this.#ends)) from.resume();
  }

  swallow(...directions: Direction[]): void {
    for (const direction of directions) this.#swallowed.add(direction);
  }

  cutAfter(direction: Direction, bytes: number): void {
    this.#limits[direction] = this.carried[direction] + bytes;
  }

  cut(): void {
    for (const [from] of Object.values(this.#ends)) from.resetAndDestroy();
  }

  #carry(direction: Direction, bytes: Buffer): void {
    if (direction === 'up' && this.#heard.length < HEARD_BYTES) this.#heard += bytes.toString('latin1').toLowerCase();
    if (this.#swallowed.has(direction)) return;
    const left = this.#limits[direction] - this.carried[direction];
    const passing = bytes.subarray(0, left);
    this.carried[direction] += passing.length;
    const [, to] = this.#ends[direction];
    const { jitterMs, sliceBytes } = this.#conditions();
    if (jitterMs === 0 && passing.length <= sliceBytes) to.write(passing);
    else this.#last[direction] = this.#last[direction].then(() => this.#deliver(to, passing));
    if (passing.length < bytes.length) void this.#last[direction].then(() => this.cut());
  }

  async #deliver(to: Socket, bytes: Buffer): Promise<void> {
    const { jitterMs, sliceBytes } = this.#conditions();
    if (jitterMs > 0) await systemClock.sleep(this.#dice() * jitterMs);
    for (let at = 0; at < bytes.length && !to.destroyed; at += sliceBytes) {
      to.write(bytes.subarray(at, at + sliceBytes));
      if (at + sliceBytes < bytes.length) await systemClock.sleep(0);
    }
  }
}
