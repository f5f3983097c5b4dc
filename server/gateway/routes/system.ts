import { z } from 'zod';
import { type RoleName, roleNames } from '../../config.js';
import { Fault } from '../../core/faults.js';
import type { Auths } from '../http/auth.js';
import type { Auth } from '../http/route.js';
import { type Reply, type Route, route } from '../http/route.js';
import type { Networks } from '../network.js';
import type { ReadyReport, Services } from '../services.js';

const reportSchema = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

const configSchema = z.object({ key: z.string(), sandbox: z.boolean() });

/** For whoever runs the server: is it alive, can it serve, how is it doing. */
export function systemRoutes(
  { ready, metrics, settings, identity }: Services,
  auths: Auths,
  networks: Networks,
): Route[] {
  const health = route({
    method: 'GET',
    path: '/healthz',
    role: 'every',
    summary: 'The process is alive.',
    auth: auths.anybody,
    replies: { 200: { description: 'Alive.', schema: z.object({ worker: z.string() }) } },
    errors: [],
    handle: () => ({ status: 200, json: { worker: settings.workerName } }),
  });

  const readyAll = route({
    method: 'GET',
    path: '/readyz',
    role: 'every',
    summary: 'Every role of this worker can do its work.',
    auth: auths.anybody,
    replies: readyReplies(),
    errors: [],
    async handle() {
      const reports = await Promise.all(settings.roles.filter((role) => role !== 'background').map(ready));
      return readyReply({
        ready: reports.every((report) => report.ready),
        checks: reports.flatMap((report) => report.checks),
      });
    },
  });

  const readyRole = route({
    method: 'GET',
    path: '/readyz/:role',
    role: 'every',
    summary: 'What this role cannot do without answers.',
    auth: auths.anybody,
    params: z.strictObject({ role: z.enum(roleNames) }),
    replies: readyReplies(),
    errors: ['notFound'],
    async handle({ params }) {
      return readyReply(await ready(runningRole(params.role)));
    },
  });

  /** @throws Fault `notFound` */
  function runningRole(role: RoleName): RoleName {
    if (!settings.roles.includes(role)) throw new Fault('notFound', 'This worker does not have that role.');
    return role;
  }

  /** Figures tell outsiders how the sale goes, so they are for this machine and for staff. */
  const insider: Auth<unknown> = {
    scheme: 'staff',
    identify(head) {
      const { loopback } = networks.of(head.peer, head.headers.get('x-forwarded-for'));
      return loopback ? undefined : auths.staff('viewer').identify(head);
    },
  };
  const figures = route({
    method: 'GET',
    path: '/metrics',
    role: 'every',
    summary: 'Figures of all processes in Prometheus’ text format; from this machine, or with a staff token.',
    auth: insider,
    replies: { 200: { description: 'The figures.', types: ['text/plain'] } },
    errors: ['unauthorized'],
    async handle() {
      return { status: 200, bytes: await metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' };
    },
  });
  const config = route({
    method: 'GET',
    path: '/config.json',
    role: 'view',
    summary: 'What the server’s own pages need to know to begin.',
    internal: true,
    auth: auths.anybody,
    replies: { 200: { description: 'Key and kind of payments.', schema: configSchema } },
    errors: [],
    handle: () => ({ status: 200, json: { key: identity.ownKey, sandbox: settings.sandboxUrl !== undefined } }),
  });
  return [config, health, readyAll, readyRole, figures];
}

function readyReplies(): Route['replies'] {
  return {
    200: { description: 'Ready.', schema: reportSchema },
    503: { description: 'Not ready.', schema: reportSchema },
  };
}

function readyReply({ ready, checks }: ReadyReport): Reply {
  return { status: ready ? 200 : 503, json: { ready, checks } };
}
