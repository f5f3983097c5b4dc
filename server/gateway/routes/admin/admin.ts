import type { Auths } from '../../http/auth.js';
import type { Route } from '../../http/route.js';
import type { Services } from '../../services.js';
import { createAct } from './act.js';
import { auditRoutes } from './audit.js';
import { blockRoutes } from './blocks.js';
import { adminBookingRoutes } from './bookings.js';
import { callOffRoutes } from './call-off.js';
import { adminChartRoutes } from './charts.js';
import { dateRoutes } from './dates.js';
import { deliveryRoutes, endpointRoutes } from './deliveries.js';
import { adminEventFileRoutes } from './event-file.js';
import { adminEventRoutes, eventVerbRoutes, poolReleaseRoute } from './events.js';
import { exportRoutes } from './exports.js';
import { performerRoutes, venueRoutes } from './houses.js';
import { inboxRoutes } from './inbox.js';
import { paceRoutes } from './pace.js';
import { apiKeyRoutes, staffRoutes } from './people.js';
import { adminRoomRoutes } from './room.js';
import { counterRoutes } from './sales.js';
import { adminSeatRoutes } from './seats.js';

/** What staff do, over HTTP: the control room and scripts of a house. */
export function adminRoutes(services: Services, auths: Auths): Route[] {
  const act = createAct(services.db);
  return [
    ...staffRoutes(services, auths, act),
    ...apiKeyRoutes(services, auths, act),
    ...venueRoutes(services, auths, act),
    ...performerRoutes(services, auths, act),
    ...adminChartRoutes(services, auths, act),
    ...adminEventFileRoutes(services, auths, act),
    ...adminEventRoutes(services, auths, act),
    ...dateRoutes(services, auths, act),
    ...eventVerbRoutes(services, auths, act),
    ...callOffRoutes(services, auths, act),
    poolReleaseRoute(services, auths, act),
    ...adminRoomRoutes(services, auths, act),
    ...paceRoutes(services, auths),
    ...blockRoutes(services, auths),
    ...adminSeatRoutes(services, auths, act),
    ...counterRoutes(services, auths),
    ...adminBookingRoutes(services, auths, act),
    ...inboxRoutes(services, auths, act),
    ...endpointRoutes(services, auths, act),
    ...deliveryRoutes(services, auths, act),
    ...exportRoutes(services, auths, act),
    ...auditRoutes(services, auths),
  ];
}
