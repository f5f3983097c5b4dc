import t from 'tap';
import { bookingRefusals, refusals } from '../../../protocol/errors.js';
import { startServer } from './server.js';

const server = await startServer();
t.teardown(() => server.stop());
const json = async (path: string) => JSON.parse(await (await fetch(server.url + path)).text());

/** All `$ref`s of a document. */
function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [String(item)] : refs(item)));
}

function resolves(document: unknown, ref: string): boolean {
  let at = document;
  for (const part of ref.replace(/^#\//, '').split('/')) {
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return at !== undefined;
}

const routes = [
  'DELETE /v1/admin/endpoints/{id}',
  'DELETE /v1/admin/events/{id}/blocks/{block}',
  'DELETE /v1/admin/holds/{id}',
  'DELETE /v1/admin/keys/{id}',
  'DELETE /v1/admin/staff/{id}',
  'DELETE /v1/events/{id}/place',
  'DELETE /v1/holds/{id}',
  'GET /asyncapi.json',
  'GET /docs',
  'GET /healthz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /readyz',
  'GET /readyz/{role}',
  'GET /schemas/chart.json',
  'GET /v1/admin/audit',
  'GET /v1/admin/bookings',
  'GET /v1/admin/bookings/{id}',
  'GET /v1/admin/charts',
  'GET /v1/admin/charts/{hash}',
  'GET /v1/admin/deliveries',
  'GET /v1/admin/endpoints',
  'GET /v1/admin/events',
  'GET /v1/admin/events/{id}',
  'GET /v1/admin/events/{id}/blocks',
  'GET /v1/admin/events/{id}/journal',
  'GET /v1/admin/events/{id}/pace',
  'GET /v1/admin/events/{id}/refund',
  'GET /v1/admin/events/{id}/room',
  'GET /v1/admin/events/{id}/seat',
  'GET /v1/admin/exports/{table}',
  'GET /v1/admin/inbox',
  'GET /v1/admin/inbox/{id}',
  'GET /v1/admin/keys',
  'GET /v1/admin/me',
  'GET /v1/admin/performers',
  'GET /v1/admin/performers/{id}',
  'GET /v1/admin/staff',
  'GET /v1/admin/venues',
  'GET /v1/admin/venues/{id}',
  'GET /v1/bookings/{id}',
  'GET /v1/charts/{hash}',
  'GET /v1/door/events',
  'GET /v1/door/events/{id}/list',
  'GET /v1/events',
  'GET /v1/events/{id}',
  'GET /v1/events/{id}/availability',
  'GET /v1/events/{id}/calendar',
  'GET /v1/events/{id}/draw',
  'GET /v1/events/{id}/draw/log',
  'GET /v1/events/{id}/line',
  'GET /v1/events/{id}/prices/{version}',
  'GET /v1/events/{id}/seats',
  'GET /v1/events/{id}/stream',
  'GET /v1/holds/{id}',
  'GET /v1/performers/{id}',
  'GET /v1/search',
  'GET /v1/ticket-keys',
  'GET /v1/venues/{id}',
  'PATCH /v1/admin/events/{id}',
  'PATCH /v1/admin/performers/{id}',
  'PATCH /v1/admin/venues/{id}',
  'PATCH /v1/holds/{id}',
  'POST /v1/admin/bookings/{id}/refund',
  'POST /v1/admin/bookings/{id}/resend',
  'POST /v1/admin/deliveries/{id}/retry',
  'POST /v1/admin/endpoints',
  'POST /v1/admin/events',
  'POST /v1/admin/events/import',
  'POST /v1/admin/events/{id}/accessible-releases',
  'POST /v1/admin/events/{id}/announce',
  'POST /v1/admin/events/{id}/blocks',
  'POST /v1/admin/events/{id}/cancel',
  'POST /v1/admin/events/{id}/dates',
  'POST /v1/admin/events/{id}/end',
  'POST /v1/admin/events/{id}/open',
  'POST /v1/admin/events/{id}/pause',
  'POST /v1/admin/events/{id}/postpone',
  'POST /v1/admin/events/{id}/resume',
  'POST /v1/admin/events/{id}/room/admit',
  'POST /v1/admin/events/{id}/room/codes',
  'POST /v1/admin/events/{id}/room/remove',
  'POST /v1/admin/events/{id}/sales',
  'POST /v1/admin/events/{id}/unblock',
  'POST /v1/admin/inbox/{id}/close',
  'POST /v1/admin/keys',
  'POST /v1/admin/performers',
  'POST /v1/admin/sessions',
  'POST /v1/admin/staff',
  'POST /v1/admin/venues',
  'POST /v1/admin/venues/{id}/charts',
  'POST /v1/bookings',
  'POST /v1/bookings/{id}/cancel',
  'POST /v1/bookings/{id}/offer',
  'POST /v1/door/events/{id}/scans',
  'POST /v1/events/{id}/holds',
  'POST /v1/events/{id}/place',
  'POST /v1/holds/{id}/sell',
  'POST /v1/requests',
  'POST /v1/sessions',
  'POST /v1/webhooks/stripe',
  'PUT /v1/admin/events/{id}/chart',
  'PUT /v1/admin/events/{id}/prices',
  'PUT /v1/admin/events/{id}/room',
];

t.test('OpenAPI describes every route that is served', async (t) => {
  const document = await json('/openapi.json');
  t.equal(document.openapi, '3.1.0');
  const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.same(described.sort(), routes);
  t.ok(
    refs(document).every((ref) => resolves(document, ref)),
    'every reference leads somewhere',
  );
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Operation>>)) {
    for (const operation of Object.values(methods)) {
      t.notOk(ids.has(operation.operationId), operation.operationId);
      ids.add(operation.operationId);
      t.ok(Object.keys(operation.responses).length > 1, `${path} says how it can fail`);
      t.ok(Object.values(operation.responses).every(({ description }) => description !== ''));
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const named = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name);
      t.same(named, inPath, `${path} describes its parameters`);
    }
  }
  const holds = document.paths['/v1/events/{id}/holds'].post;
  t.equal(holds.requestBody.content['application/json'].schema.additionalProperties, false);
  t.match(holds.responses['409'].description, /`taken`/);
});

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { description: string }>;
  readonly parameters?: { in: string; name: string }[];
}

t.test('AsyncAPI describes every frame', async (t) => {
  const document = await json('/asyncapi.json');
  t.equal(document.asyncapi, '3.0.0');
  t.ok(refs(document).every((ref) => resolves(document, ref)));
  const { clientSends, serverSends } = document.operations;
  t.equal(clientSends.messages.length, 11);
  t.equal(serverSends.messages.length, 10);
  t.equal(document.channels.live.messages.hold.payload.additionalProperties, false);
});

t.test('the page for people names every code and lets no markup through', async (t) => {
  const page = await (await fetch(`${server.url}/docs`)).text();
  for (const code of Object.keys({ ...refusals, ...bookingRefusals })) t.match(page, `id="${code}"`);
  t.notMatch(page, /<script/);
});
