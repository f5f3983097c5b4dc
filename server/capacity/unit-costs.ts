import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../core/paths.js';

/** What one of each costs, as the benches have measured it; `unit-costs.json` is made of their saved results. */
const unitCostsSchema = z.strictObject({
  /** CPU of a worker for a frame to one viewer, µs; and bytes of that frame at 200 changes a second, without TCP and TLS. */
  viewerFrameUs: z.number().positive(),
  frameBytes: z.number().positive(),
  /** CPU of a worker for one who does nothing but look, in cores; memory, bytes. */
  viewerCores: z.number().nonnegative(),
  viewerBytes: z.number().positive(),
  /** CPU of a worker, µs: to bring somebody into a map; for a hold or a release; for a view. */
  joinUs: z.number().positive(),
  holdUs: z.number().positive(),
  viewUs: z.number().positive(),
  /** CPU of Redis for a hold or a release, µs. */
  holdRedisUs: z.number().positive(),
  /** CPU of a worker, and of everything together, for a purchase, ms. */
  purchaseWorkerMs: z.number().positive(),
  purchaseMs: z.number().positive(),
});
export type UnitCosts = z.output<typeof unitCostsSchema>;

export function readUnitCosts(): UnitCosts {
  return unitCostsSchema.parse(JSON.parse(readFileSync(join(root, 'server/capacity/unit-costs.json'), 'utf8')));
}
