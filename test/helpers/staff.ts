import { z } from 'zod';
import { type Problem, problemSchema } from '../../protocol/http.js';
import { until } from './until.js';

/** A member of staff at the admin API. */
export interface Desk {
  ask(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<DeskAnswer>;
  /** Asks and gives what came; throws when it was not done. */
  done<T>(schema: z.ZodType<T>, method: string, path: string, body?: object): Promise<T>;
}

export interface DeskAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly json: unknown;
  /** Undefined when it was done. */
  readonly problem: Problem | undefined;
}

export function deskOf(url: string, token: string): Desk {
  async function ask(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<DeskAnswer> {
    const answer = await fetch(`${url}/v1/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    const etag = answer.headers.get('etag') ?? undefined;
    return { status: answer.status, etag, json, problem: answer.ok ? undefined : problemSchema.parse(json) };
  }
  return {
    ask,
    async done(schema, method, path, body) {
      const { status, json, problem } = await ask(method, path, body);
      if (problem) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(problem)}`);
      return schema.parse(json);
    },
  };
}

export const venue = { name: 'Teatro Piccolo', city: 'Bologna', country: 'IT', timeZone: 'Europe/Rome' };

/** Two rows of ten seats (`P-1-1` … `P-2-10`, indexes 0–19) and twelve standing places. */
export const chartSource = {
  format: 'cavea-chart/1',
  name: 'Piccolo',
  focal: [0, 0],
  categories: ['stalls', 'standing'],
  sections: [
    {
      key: 'P',
      name: 'Platea',
      category: 'stalls',
      rows: [
        { type: 'arc', name: '1', origin: [0, 300], count: 10, spacing: 60 },
        { type: 'arc', name: '2', origin: [0, 400], count: 10, spacing: 60 },
      ],
    },
  ],
  areas: [
    {
      key: 'G',
      name: 'Galleria',
      category: 'standing',
      capacity: 12,
      outline: [
        [-300, 600],
        [300, 600],
        [300, 800],
        [-300, 800],
      ],
    },
  ],
};

/** A house's first member of staff, an owner named Olga, hired with the token that the server was started with. */
const staffSchema = z.object({ id: z.string(), token: z.string() });

export interface Hired {
  readonly id: string;
  readonly token: string;
  readonly desk: Desk;
}

/** The first owner, and how that one hires others. */
export async function ownerOf(server: { readonly url: string; readonly adminToken: string }) {
  async function hiredBy(desk: Desk, name: string, role: string): Promise<Hired> {
    const { id, token } = await desk.done(staffSchema, 'POST', '/staff', { name, role });
    return { id, token, desk: deskOf(server.url, token) };
  }
  const owner = await hiredBy(deskOf(server.url, server.adminToken), 'Olga', 'owner');
  return { ...owner, hire: (name: string, role: string) => hiredBy(owner.desk, name, role) };
}

const prices = [
  { category: 'stalls', name: 'Platea', amount: 4_000 },
  { category: 'standing', name: 'In piedi', amount: 1_500 },
];

export function draftOf(venueId: string, chartHash: string, opensAt: number): Readonly<Record<string, unknown>> {
  const startsAt = opensAt + 30 * 86_400_000;
  return { venueId, chartHash, title: 'Aida', genre: 'opera', startsAt, opensAt, currency: 'eur', prices };
}

const madeSchema = z.object({ id: z.string() });
const versionSchema = z.object({ version: z.int() });

/** A venue, its chart, and a draft of an event in it. */
export async function draftEvent(
  desk: Desk,
  opensAt: number,
  more: object = {},
  chart: object = chartSource,
): Promise<{ id: string; chart: string }> {
  const { id: venueId } = await desk.done(madeSchema, 'POST', '/venues', venue);
  const { hash } = await desk.done(z.object({ hash: z.string() }), 'POST', `/venues/${venueId}/charts`, chart);
  const { id } = await desk.done(madeSchema, 'POST', '/events', { ...draftOf(venueId, hash, opensAt), ...more });
  return { id, chart: hash };
}

/** Puts a draft on sale. */
export async function putOnSale(desk: Desk, event: string): Promise<void> {
  for (const verb of ['announce', 'open']) await desk.done(madeSchema, 'POST', `/events/${event}/${verb}`);
}

/** After an edit: until each worker has the event as it is. A calendar entry says which version it was made from. */
export async function everyWorkerKnows(
  server: { readonly workerUrls: () => readonly string[] },
  desk: Desk,
  event: string,
): Promise<void> {
  const { version } = await desk.done(versionSchema, 'GET', `/events/${event}`);
  for (const at of server.workerUrls().keys()) {
    await until(`worker ${at + 1} knows version ${version} of ${event}`, async () => {
      // One that was killed comes back at another address.
      const answer = await fetch(`${server.workerUrls()[at]}/v1/events/${event}/calendar`).catch(() => undefined);
      const known = /SEQUENCE:(\d+)/.exec((await answer?.text()) ?? '')?.[1];
      return Number(known) >= version;
    });
  }
}
