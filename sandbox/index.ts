import { once } from 'node:events';
import { type Clock, systemClock } from '../server/core/clock.js';
import { Disputes } from './disputes.js';
import { type FaultPlan, Faults } from './faults.js';
import { type ApiCall, createHttpServer } from './http.js';
import { IdempotencyKeys } from './idempotency.js';
import { Intents } from './intents.js';
import { type Mailbox, mailboxRoutes, openMailbox } from './mailbox.js';
import type { PaymentIntent } from './objects.js';
import { Refunds } from './refunds.js';
import { apiRoutes } from './routes.js';
import { configure, readLog, type SandboxLog, steeringRoutes } from './steering.js';
import { steeringPageRoutes } from './steering-page.js';
import { Store } from './store.js';
import { Webhooks } from './webhooks.js';

export interface SandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly webhookUrl: string;
  readonly webhookSecrets: readonly string[];
  readonly secretKey: string;
  readonly publishableKey: string;
  /** Of the sequence that faults are drawn from. */
  readonly seed?: number;
  /** Where the state is kept; none keeps it in memory. */
  readonly file?: string;
  /** How long the slow card takes, 3 s by default. */
  readonly slowMs?: number;
  /** Where mail is taken; 0 takes any free port, none has no mailbox. */
  readonly smtpPort?: number;
  readonly clock?: Clock;
}

export interface Sandbox {
  readonly port: number;
  /** What `STRIPE_API_BASE` is set to. */
  readonly url: string;
  /** Letters that came, the newest first, and where they are taken; undefined without a mailbox. */
  readonly mailbox: Mailbox | undefined;
  /** As `POST /sandbox/config`. */
  configure(wanted: Partial<FaultPlan>): Promise<void>;
  /** Tries every event that has not been delivered, now. */
  deliver(): Promise<void>;
  /** An event of a test's own making, signed and delivered like every other. */
  emit(type: string, object: object): void;
  intents(): readonly PaymentIntent[];
  log(): SandboxLog;
  close(): Promise<void>;
}

const logLength = 10_000;

/** The payments sandbox, in this process. No real money moves. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { secretKey, publishableKey, clock = systemClock } = options;
  const store = new Store(options.file);
  const faults = new Faults(options.seed ?? 1);
  const { webhookUrl: url, webhookSecrets: secrets } = options;
  const webhooks = new Webhooks({ store, faults, clock, url, secrets });
  const disputes = new Disputes({ store, webhooks, clock });
  const intents = new Intents({ store, webhooks, disputes, clock, slowMs: options.slowMs ?? 3_000 });
  const refunds = new Refunds({ store, webhooks, clock });
  const calls: ApiCall[] = [];
  const mailbox = options.smtpPort === undefined ? undefined : await openMailbox(options.smtpPort);
  const steering = { secretKey, faults, webhooks, store, calls };
  const server = createHttpServer({
    routes: [
      ...apiRoutes({ store, intents, refunds, disputes, secretKey, publishableKey }),
      ...steeringRoutes(steering),
      ...steeringPageRoutes({ ...steering, refunds, disputes }),
      ...(mailbox ? mailboxRoutes(mailbox) : []),
    ],
    keys: new IdempotencyKeys(store, clock),
    faults,
    clock,
    onCall: (call) => {
      calls.push(call);
      if (calls.length > logLength) calls.shift();
    },
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sandbox has no port');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    mailbox,
    configure: (wanted) => configure(steering, { ...wanted }),
    deliver: () => webhooks.deliverAll(),
    emit: (type, object) => webhooks.emit(type, object),
    intents: () => [...store.intent.values()],
    log: () => readLog(steering),
    close: async () => {
      webhooks.stop();
      intents.stop();
      await mailbox?.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
