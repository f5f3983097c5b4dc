import type { Network } from './network.js';

/** How many of a thing each network has at once, up to a cap. Loopback is not counted (see NetworkLimits). */
export interface NetworkCap {
  /** @returns false when the network has as many as it may. */
  enter(network: Network): boolean;
  leave(network: Network): void;
}

export function createCap(cap: number): NetworkCap {
  const counts = new Map<string, number>();
  return {
    enter({ key, loopback }) {
      if (loopback) return true;
      const count = counts.get(key) ?? 0;
      if (count >= cap) return false;
      counts.set(key, count + 1);
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
