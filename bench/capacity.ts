import { framesPerSecond, liveCores } from '../server/capacity/sizing.js';
import type { UnitCosts } from '../server/capacity/unit-costs.js';
import { FanoutBench } from './fanout.js';

/**
 * What a viewer costs a worker, measured on two sizes, and what the law of `npm run cavea -- capacity` says from that about a
 * third, which is measured too.
 *
 * viewerCores: of 2,000 who only look. viewerFrameUs, frameBytes: of 1,000 at 200 changes a second, without what they cost anyway.
 * predictedCores, predictedFrames: of 4,000 at the same pace; coresError, framesError: how far from what is measured.
 * Invariant: every viewer ends with the map of Redis.
 */
const [still, few, many] = [2_000, 1_000, 4_000];
const changesPerSecond = 200;

export async function runCapacity({ redisUrl, seconds = 10 }: { redisUrl: string; seconds?: number }) {
  const bench = await FanoutBench.start(redisUrl, seconds);
  try {
    const idle = await bench.ours(0, still);
    const busy = await bench.ours(changesPerSecond, few);
    const viewerCores = idle.cores / still;
    const viewerFrameUs = ((busy.cores - few * viewerCores) * 1e6) / busy.framesPerSecond;
    const costs: Pick<UnitCosts, 'viewerCores' | 'viewerFrameUs'> = { viewerCores, viewerFrameUs };
    const [predictedCores, predictedFrames] = [
      liveCores(many, changesPerSecond, costs),
      framesPerSecond(many, changesPerSecond, costs),
    ];
    const measured = await bench.ours(changesPerSecond, many);
    const measuredFrames = measured.framesPerSecond / many;
    return {
      ...{ viewerCores, viewerFrameUs, frameBytes: busy.bytesPerFrame },
      ...{ predictedCores, measuredCores: measured.cores, predictedFrames, measuredFrames },
      coresError: Math.abs(predictedCores / measured.cores - 1),
      framesError: Math.abs(predictedFrames / measuredFrames - 1),
      p99Ms: measured.p99Ms,
      wrongMaps: bench.wrongMaps,
    };
  } finally {
    await bench.end();
  }
}
