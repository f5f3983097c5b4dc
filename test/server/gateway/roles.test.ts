import t from 'tap';
import { z } from 'zod';
import { type Desk, ownerOf } from '../../helpers/staff.js';
import { startServer } from './server.js';

/** Who of the staff may do what. */
const server = await startServer();
t.teardown(() => server.stop());

const { hire } = await ownerOf(server);
const [{ desk: operator }, { desk: viewer }, { desk: door }] = [
  await hire('Otto', 'operator'),
  await hire('Vera', 'viewer'),
  await hire('Dora', 'door'),
];

async function code(desk: Desk, method: string, path: string, body?: object) {
  return (await desk.ask(method, path, body)).problem?.code;
}

t.test('roles: each route of the interface says the least one, and keeps the others out', async (t) => {
  const document = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ security: z.unknown().optional() }))) })
    .parse(await (await fetch(`${server.url}/openapi.json`)).json());
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({ method: method.toUpperCase(), path, security })),
  );
  const admin = routes.filter(({ path }) => path.startsWith('/v1/admin/'));
  t.ok(admin.length > 30);
  const least = { door: 0, viewer: 0, operator: 0, owner: 0 };
  for (const { method, path, security } of admin) {
    const role = z
      .tuple([z.object({ staff: z.tuple([z.enum(['door', 'viewer', 'operator', 'owner'])]) })])
      .parse(security)[0].staff[0];
    least[role]++;
    const address = path.replace('/v1/admin', '').replace(/\{\w+\}/g, 'x');
    t.equal((await code(door, method, address, bodyOf(method))) === 'forbidden', role !== 'door', `door: ${path}`);
    const answers = [
      await code(viewer, method, address, bodyOf(method)),
      await code(operator, method, address, bodyOf(method)),
    ];
    // A session changes nothing: it is how a viewer views.
    const acts = method !== 'GET' && path !== '/v1/admin/sessions';
    if (acts) t.equal(answers[0], 'forbidden', `viewer: ${method} ${path}`);
    t.equal(
      answers[0] === 'forbidden',
      role === 'operator' || role === 'owner',
      `viewer: ${method} ${path} needs ${role}`,
    );
    t.equal(answers[1] === 'forbidden', role === 'owner', `operator: ${method} ${path} needs ${role}`);
  }
  t.ok(
    Object.values(least).every((count) => count > 0),
    JSON.stringify(least),
  );
});

t.test('a viewer does not admit people', async (t) => {
  const { token } = await hire('Vito', 'viewer');
  for (const [method, path] of [
    ['GET', '/v1/door/events'],
    ['GET', '/v1/door/events/evt_x/list'],
    ['POST', '/v1/door/events/evt_x/scans'],
  ] as const) {
    const answer = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } });
    t.equal(answer.status, 403, path);
  }
});

function bodyOf(method: string): object | undefined {
  return method === 'GET' || method === 'DELETE' ? undefined : {};
}
