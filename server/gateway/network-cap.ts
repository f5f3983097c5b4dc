import type { Network } from './network.js';

/** How many of a thing each network has at once, up to a cap. Loopback is not counted (see NetworkLimits). */
export interface NetworkCap {
  /** @returns false when the network has as many as it may. */
  enter(network: Network): boolean;
  leave(network: Network): void;
  isFull(network: Network): boolean;
}

export function createCap(cap: number): NetworkCap {
  const counts = new Map<string, number>();
  const isFull = ({ key, loopback }: Network) => !loopback && (counts.get(key) ?? 0) >= cap;
  return {
    isFull,
    enter(network) {
      if (isFull(network)) return false;
      if (!network.loopback) counts.set(network.key, (counts.get(network.key) ?? 0) + 1);
      return true;
    },
    leave({ key, loopback }) {
      if (loopback) return;
      const count = (counts.get(key) ?? 1) - 1;
      if (count === 0) counts.delete(key);
      else counts.set(key, count);
    },
  };
}
