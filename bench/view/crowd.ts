import autocannon from 'autocannon';
import { answer } from '../lib/child.js';

/** Readers of one page, in a process of their own. */
export interface Reading {
  readonly requests: number;
  readonly refused: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

const calls = {
  async read(url: string, seconds: number, perSecond: number): Promise<Reading> {
    const {
      '2xx': ok,
      non2xx,
      errors,
      timeouts,
      latency,
      duration,
    } = await autocannon({
      ...{ url, duration: seconds, connections: 50, pipelining: 1 },
      ...(perSecond > 0 && { overallRate: perSecond }),
    });
    return { requests: ok, refused: non2xx + errors + timeouts, p99Ms: latency.p99, perSecond: ok / duration };
  },
};
export type CrowdCalls = typeof calls;
answer(calls);
