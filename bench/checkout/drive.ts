import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../server/core/clock.js';
import { cpuSeconds } from '../lib/child.js';
import { createLatencies } from '../lib/latency.js';

/** What both sides of the bench share: how a side is reached, and buyers that buy one seat each. */
export const keys = { secretKey: 'sk_test_bench', publishableKey: 'pk_test_bench', webhookSecret: 'whsec_bench' };

export interface Opening {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly sandboxUrl: string;
}

export interface Work {
  readonly purchases: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Buyers at once. */
const CROWD = 16;
const LOOK_MS = 25;

/** @param buy one purchase, up to the moment in which the card has been charged; resolves with how to see it confirmed. */
export async function drive(count: number, buy: () => Promise<() => Promise<boolean>>): Promise<Work> {
  const latencies = createLatencies();
  const began = systemClock.monotonic();
  const cpuBefore = cpuSeconds();
  let left = count;
  await Promise.all(
    Array.from({ length: CROWD }, async () => {
      while (left-- > 0) {
        const at = systemClock.monotonic();
        const isConfirmed = await buy();
        while (!(await isConfirmed())) await systemClock.sleep(LOOK_MS);
        latencies.add(systemClock.monotonic() - at);
      }
    }),
  );
  return {
    purchases: count,
    seconds: (systemClock.monotonic() - began) / 1_000,
    cpuSeconds: cpuSeconds() - cpuBefore,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
  };
}

/** What the buyer's browser does. */
export async function payByCard(sandboxUrl: string, clientSecret: string): Promise<void> {
  const [intent = ''] = clientSecret.split('_secret_');
  const answer = await fetch(`${sandboxUrl}/v1/payment_intents/${intent}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({
      key: keys.publishableKey,
      client_secret: clientSecret,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': '4242424242424242',
      return_url: 'http://shop.example/thanks',
    }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Takes webhooks: 200 when `take` has resolved. @returns the address. */
export async function receiveWebhooks(take: (body: Buffer, signature: string) => Promise<void>): Promise<string> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    try {
      await take(Buffer.concat(parts), String(request.headers['stripe-signature'] ?? ''));
      response.writeHead(200).end();
    } catch {
      response.writeHead(503).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
