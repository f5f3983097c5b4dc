import { type Cavea, createCavea } from '../../client-sdk/cavea.js';

/** What the server tells its own pages. */
export interface ShopConfig {
  /** Publishable key. */
  readonly key: string;
  /** No real money moves. */
  readonly sandbox: boolean;
}

export async function loadConfig(): Promise<ShopConfig> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return (await response.json()) as ShopConfig;
}

/** The SDK for one page; with an event, its seats are followed. */
export function openShop(config: ShopConfig, event?: string): Cavea {
  return createCavea({ url: location.origin, key: config.key, ...(event ? { event } : {}) });
}
