import type { UnitCosts } from './unit-costs.js';

/**
 * From what a house expects to what it needs, by the unit costs that the benches have measured. A plain sum for work that can be
 * spread, and the law of the fan-out (server/fanout/audience.ts) for the live map: after a frame of `f` an audience rests for
 * min(3f, 25 ms), so the more viewers a worker has of one event the fewer frames they share.
 */
export interface Load {
  /** People who look at a live map in the worst moment, of all events together. */
  readonly viewers: number;
  /** Events on sale at once; viewers and holds are spread over them evenly. */
  readonly onSales: number;
  /** Seats that change, a second and event. */
  readonly changesPerSecond: number;
  /** Of all events together. */
  readonly holdsPerSecond: number;
  readonly purchasesPerSecond: number;
  readonly viewsPerSecond: number;
  /** How many views and searches the edge answers, 0 to 1. */
  readonly edgeHitRatio: number;
  /** Within which a change is to be on every screen, ms. */
  readonly withinMs: number;
}

/** One host for workers, and the machine of Postgres. */
export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly networkGbit: number;
  readonly postgresCores: number;
}

export interface Sizing {
  readonly viewersPerWorker: number;
  /** Frames a second that each viewer gets. */
  readonly framesPerSecond: number;
  readonly workers: number;
  readonly hosts: number;
  /** What decides how many hosts there are. */
  readonly hostsBy: 'cpu' | 'memory' | 'network';
  readonly outGbit: number;
  readonly redisShards: number;
  readonly postgresCores: number;
  readonly viewsAtOrigin: number;
  /** What more hosts do not help, by how many times the load it bears; the least is the first bottleneck. */
  readonly limits: readonly { readonly name: string; readonly times: number }[];
}

/** So full may anything be: the rest is for what is uneven. */
const full = 0.6;
const restMs = 25;
const restPerCost = 3;
/** Of TCP, IP, TLS and Ethernet around a small frame. */
const wireBytes = 120;

type FrameCost = Pick<UnitCosts, 'viewerFrameUs'>;

function frameMs(viewers: number, { viewerFrameUs }: FrameCost): number {
  return (viewers * viewerFrameUs) / 1_000;
}

/** Frames a second to each of so many viewers of one event on one worker. */
export function framesPerSecond(viewers: number, changesPerSecond: number, costs: FrameCost): number {
  const cost = frameMs(viewers, costs);
  return Math.min(changesPerSecond, 1_000 / (cost + Math.min(restPerCost * cost, restMs)));
}

/** Cores that a worker needs for so many viewers of one event. */
export function liveCores(
  viewers: number,
  changesPerSecond: number,
  costs: FrameCost & Pick<UnitCosts, 'viewerCores'>,
): number {
  const frames = framesPerSecond(viewers, changesPerSecond, costs);
  return (frames * frameMs(viewers, costs)) / 1_000 + viewers * costs.viewerCores;
}

export function sizeFor(load: Load, machine: Machine, costs: UnitCosts): Sizing {
  const viewersPerWorker = mostViewers(load, costs);
  const frames = framesPerSecond(viewersPerWorker, load.changesPerSecond, costs);
  const viewsAtOrigin = load.viewsPerSecond * (1 - load.edgeHitRatio);
  const joins = load.viewers / arriveSeconds;
  const asked =
    (joins * costs.joinUs + load.holdsPerSecond * 2 * costs.holdUs + viewsAtOrigin * costs.viewUs) / 1e6 +
    (load.purchasesPerSecond * costs.purchaseWorkerMs) / 1_000;
  const live = Math.ceil(load.viewers / viewersPerWorker);
  const workers = Math.max(2, live + Math.ceil(asked / full));
  const outGbit = (load.viewers * frames * (costs.frameBytes + wireBytes) * 8) / 1e9;
  const needs = {
    cpu: Math.ceil(workers / Math.max(1, machine.cores - 1)),
    memory: Math.ceil((load.viewers * costs.viewerBytes) / (machine.memoryGb * 1e9 * full)),
    network: Math.ceil(outGbit / (machine.networkGbit * full)),
  };
  const hostsBy = (['cpu', 'memory', 'network'] as const).reduce((a, b) => (needs[b] > needs[a] ? b : a));
  // Two, so that one may die.
  const hosts = Math.max(2, needs[hostsBy]);
  const redisCores = (load.holdsPerSecond * 2 * costs.holdRedisUs) / 1e6;
  const postgresCores = (load.purchasesPerSecond * (costs.purchaseMs - costs.purchaseWorkerMs)) / 1_000;
  const times = (has: number, needed: number) => (needed > 0 ? has / needed : Number.POSITIVE_INFINITY);
  const limits = [
    { name: 'the shard of one event in Redis (holds a second)', times: times(full, redisCores / load.onSales) },
    { name: 'Postgres (purchases a second)', times: times(machine.postgresCores * full, postgresCores) },
  ].sort((a, b) => a.times - b.times);
  const redisShards = Math.max(1, Math.ceil(redisCores / full));
  return {
    ...{ viewersPerWorker, framesPerSecond: frames, workers, hosts, hostsBy, outGbit, redisShards },
    ...{ postgresCores: Math.max(1, Math.ceil(postgresCores / full)), viewsAtOrigin, limits },
  };
}

/** In an on-sale most come within five minutes. */
const arriveSeconds = 300;

/** As many as keep both: a change is told in time, and a worker has the rest of a core for those who hold seats. */
function mostViewers({ changesPerSecond, withinMs }: Load, costs: UnitCosts): number {
  let [least, most] = [1, 1_000_000];
  while (most - least > 1) {
    const viewers = Math.floor((least + most) / 2);
    // A change just missed a frame, waits for the rest after it, and is in the next one.
    const toldMs = 2 * frameMs(viewers, costs) + restMs;
    if (toldMs <= withinMs && liveCores(viewers, changesPerSecond, costs) <= full) least = viewers;
    else most = viewers;
  }
  return least;
}
