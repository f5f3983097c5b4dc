import { unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { RedisConnections } from './client.js';

/**
 * Messages from Redis to this process, over one connection of its own (one per shard in a Cluster).
 *
 * A subscription's life: subscribe() → confirmed by Redis → ended, by `unsubscribe` or by a reset.
 * Pub/sub is at most once, so whatever may have cost a message ends every subscription: a lost connection, a moved
 * slot, a changed topology. The bus never subscribes again by itself; whoever wants to go on subscribes anew and reads
 * the state afterwards. One path for the first time and for every repair.
 */
export interface Bus {
  /**
   * Resolves when Redis has confirmed the subscription; messages from then on reach `onMessage`.
   * `onReset` is called at most once, never after `Unsubscribe`, and nothing follows it.
   * @throws Fault `unavailable` when Redis does not confirm.
   */
  subscribe(channel: string, onMessage: (bytes: Uint8Array) => void, onReset: () => void): Promise<Unsubscribe>;
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

interface Subscription {
  readonly onMessage: (bytes: Uint8Array) => void;
  readonly onReset: () => void;
}

/** What of a dedicated ioredis connection or Cluster tells that messages may have been lost. */
const resetEvents = ['close', 'end', '-node', '-subscriber', 'subscribersReady'] as const;

export function createBus({ redis, log }: { redis: RedisConnections; log: Logger }): Bus {
  const connection = redis.subscriber();
  /** By channel; a channel has one subscription at most, because a worker has one watch of an event. */
  const subscriptions = new Map<string, Subscription>();

  connection.on('smessageBuffer', (channel: Uint8Array, message: Uint8Array) => {
    subscriptions.get(channel.toString())?.onMessage(message);
  });
  connection.on('error', (error: unknown) => log.warn({ error }, 'subscriber connection'));
  for (const event of resetEvents) connection.on(event, reset);

  function reset(): void {
    const ended = [...subscriptions.values()];
    subscriptions.clear();
    for (const { onReset } of ended) onReset();
  }

  async function confirm(channel: string): Promise<void> {
    try {
      await connection.ssubscribe(channel);
    } catch (error) {
      // A link that swallows commands looks connected for ever: only a new connection helps.
      const silent = error instanceof Error && error.message === 'Command timed out';
      if (silent && connection.status === 'ready') connection.disconnect(true);
      throw unavailable('Redis does not confirm the subscription', 1_000, error);
    }
  }

  function forget(channel: string): void {
    connection.sunsubscribe(channel).catch((error: unknown) => log.debug({ error, channel }, 'sunsubscribe'));
  }

  return {
    async subscribe(channel, onMessage, onReset) {
      if (subscriptions.has(channel)) throw new Error(`${channel} has a subscription already`);
      let confirmed = false;
      let ended = false;
      const subscription: Subscription = {
        onMessage,
        onReset: () => {
          ended = true;
          if (confirmed) onReset();
        },
      };
      subscriptions.set(channel, subscription);
      try {
        await confirm(channel);
      } catch (error) {
        if (subscriptions.get(channel) === subscription) subscriptions.delete(channel);
        throw error;
      }
      if (ended) throw unavailable('the connection was lost while subscribing');
      confirmed = true;
      return () => {
        if (subscriptions.get(channel) !== subscription) return;
        subscriptions.delete(channel);
        forget(channel);
      };
    },
    async close() {
      subscriptions.clear();
      connection.disconnect();
    },
  };
}
