import type { Catalog } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import type { Database } from '../db/pool.js';
import type { SeatEngine } from '../seatmap/engine.js';
import type { PaymentProvider } from './payment.js';
import type { StripeSettings } from './stripe.js';

/** What the booking domain is given. */
export interface BookingPorts {
  readonly db: Database;
  /** Connections of their own for webhooks and what follows from them: a crowd of buyers must not keep money waiting. */
  readonly webhookDb: Database;
  readonly engine: Pick<SeatEngine, 'apply' | 'hold' | 'snapshot'>;
  readonly catalog: Pick<Catalog, 'chart'>;
  readonly stripe: StripeSettings;
  /** Ticket signatures are derived from it. */
  readonly ticketSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The same with the connections chosen and the provider made. */
export interface MoneyPorts {
  readonly db: Database;
  readonly engine: Pick<SeatEngine, 'apply' | 'hold' | 'snapshot'>;
  readonly catalog: Pick<Catalog, 'chart'>;
  readonly provider: PaymentProvider;
  readonly log: Logger;
}
