import { decodeChartPack } from '../../protocol/chart-pack.js';
import { type EventView, eventSchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { createSession } from '../helpers/client.js';
import { startRedis, type TestRedis } from '../helpers/redis.js';
import { type ServerOptions, startServer, type TestServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import type { HallShape } from '../model/map-digest.js';
import { type ChaosProxy, startProxy } from './proxy.js';

/** The whole server with one event on sale, all of its links to Redis through a proxy. */
export interface Arena {
  readonly server: TestServer;
  readonly proxy: ChaosProxy;
  readonly event: EventView;
  readonly shape: HallShape;
  readonly chart: Uint8Array;
  readonly tokens: readonly string[];
  stop(): Promise<void>;
}

export interface ArenaOptions {
  readonly rules?: object;
  readonly start?: (options: ServerOptions) => Promise<TestServer>;
  /** A Redis that is there already; `through` is how the server reaches it, past the proxy. */
  readonly redis?: TestRedis & { readonly through?: string };
}

const rows = 8;
const perRow = 30;
const places = 40;

const chartSource = {
  format: 'cavea-chart/1',
  name: 'Arena',
  focal: [0, 0],
  categories: ['seats', 'standing'],
  sections: [
    {
      key: 'P',
      name: 'Platea',
      category: 'seats',
      rows: Array.from({ length: rows }, (_, row) => ({
        ...{ type: 'arc', name: String(row + 1), origin: [0, 300 + 100 * row], count: perRow, spacing: 60 },
      })),
    },
  ],
  areas: [
    {
      ...{ key: 'G', name: 'Gradinata', category: 'standing', capacity: places },
      outline: [
        [-300, 2_000],
        [300, 2_000],
        [300, 2_200],
        [-300, 2_200],
      ],
    },
  ],
};
const prices = [
  { category: 'seats', name: 'Seats', amount: 4_000 },
  { category: 'standing', name: 'Standing', amount: 1_500 },
];

export async function openArena(
  dice: () => number,
  { rules = {}, start = startServer, redis: given }: ArenaOptions = {},
): Promise<Arena> {
  const redis = given ?? (await startRedis());
  const proxy = await startProxy(redis.port, dice);
  const through = given?.through ?? `redis://127.0.0.1:${proxy.port}`;
  const env = { CAVEA_LOG_LEVEL: 'fatal' };
  const server = await start({ demo: false, env, redis: { ...redis, through } });
  const { desk } = await ownerOf(server);
  const more = { prices, maxSeatsPerHolder: 12, holdTtlMs: 3_000, holdCapMs: 6_000, ...rules };
  const { id, chart: hash } = await draftEvent(desk, systemClock.now() - 60_000, more, chartSource);
  await putOnSale(desk, id);
  const event = eventSchema.parse(await (await fetch(`${server.url}/v1/events/${id}`)).json());
  const answer = await fetch(`${server.url}/v1/charts/${hash}`, { headers: { accept: 'application/octet-stream' } });
  const chart = new Uint8Array(await answer.arrayBuffer());
  const { seats, seated, areas } = decodeChartPack(chart, hash);
  const tokens = await Promise.all(Array.from({ length: 16 }, () => createSession(server.url, server.storefrontKey)));
  return {
    server,
    proxy,
    event,
    shape: { seats, seated, areas },
    chart,
    tokens,
    async stop() {
      await server.stop();
      await proxy.close();
    },
  };
}
