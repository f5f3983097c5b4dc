import { type Cavea, createCavea } from '../../client-sdk/cavea.js';
import { offline, type Result, refusalOf } from '../../client-sdk/result.js';

/** What the server tells its own pages. */
export interface ShopConfig {
  /** Publishable key. */
  readonly key: string;
  /** No real money moves. */
  readonly sandbox: boolean;
}

export async function loadConfig(): Promise<Result<{ config: ShopConfig }>> {
  try {
    const response = await fetch('/config.json');
    if (!response.ok) return await refusalOf(response);
    return { ok: true, config: (await response.json()) as ShopConfig };
  } catch {
    return offline;
  }
}

/** The SDK for one page; with an event, its seats are followed. */
export function openShop(config: ShopConfig, event?: string): Cavea {
  return createCavea({ url: location.origin, key: config.key, ...(event ? { event } : {}) });
}
