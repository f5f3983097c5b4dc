import fc from 'fast-check';
import t from 'tap';
import { capacityPage } from '../../../server/capacity/command.js';
import { framesPerSecond, type Load, liveCores, type Machine, sizeFor } from '../../../server/capacity/sizing.js';
import { readUnitCosts, type UnitCosts } from '../../../server/capacity/unit-costs.js';

const costs: UnitCosts = {
  ...{
    viewerFrameUs: 10,
    frameBytes: 80,
    viewerCores: 0.000_01,
    viewerBytes: 10_000,
    joinUs: 250,
    holdUs: 50,
    viewUs: 40,
  },
  ...{ holdRedisUs: 20, purchaseWorkerMs: 10, purchaseMs: 40 },
};
const machine: Machine = { cores: 16, memoryGb: 64, networkGbit: 10, postgresCores: 64 };
const load: Load = {
  ...{ viewers: 100_000, onSales: 2, changesPerSecond: 20, holdsPerSecond: 1_000, purchasesPerSecond: 100 },
  ...{ viewsPerSecond: 2_000, edgeHitRatio: 0.5, withinMs: 250 },
};

t.test('frames: as many as changes while they cost little, then as few as the rest after each allows', async (t) => {
  t.equal(framesPerSecond(10, 20, costs), 20);
  // 1,000 viewers: 10 ms a frame and 25 ms of rest.
  t.ok(Math.abs(framesPerSecond(1_000, 200, costs) - 1_000 / 35) < 1e-9);
  t.ok(liveCores(1_000, 200, costs) < 0.3, 'a quarter of a worker, and what they cost anyway');
});

t.test('a load by hand', async (t) => {
  const sizing = sizeFor(load, machine, costs);
  // A frame to 3,276 takes 32.76 ms and is followed by 25 ms of rest: 0.567 of a core, and 0.033 that they cost anyway.
  t.equal(sizing.viewersPerWorker, 3_276);
  // 31 for the maps; joins 0.083, holds 0.1, views 0.04 and purchases 1 core of workers that are 0.6 full.
  t.equal(sizing.workers, 31 + 3);
  t.match(sizing, { hosts: 3, hostsBy: 'cpu', redisShards: 1, viewsAtOrigin: 1_000, postgresCores: 5 });
  t.equal(sizing.limits[0]?.name, 'Postgres (purchases a second)');
  t.ok(Math.abs((sizing.limits[0]?.times ?? 0) - (64 * 0.6) / 3) < 1e-9);
});

t.test('more of anything never needs less; a tighter time never allows more viewers', async () => {
  const loads = fc.record({
    viewers: fc.integer({ min: 1, max: 10_000_000 }),
    onSales: fc.integer({ min: 1, max: 50 }),
    changesPerSecond: fc.integer({ min: 1, max: 2_000 }),
    holdsPerSecond: fc.integer({ min: 0, max: 100_000 }),
    purchasesPerSecond: fc.integer({ min: 0, max: 10_000 }),
    viewsPerSecond: fc.integer({ min: 0, max: 1_000_000 }),
    edgeHitRatio: fc.constantFrom(0, 0.5, 0.95, 1),
    withinMs: fc.integer({ min: 50, max: 2_000 }),
  });
  fc.assert(
    fc.property(loads, (one) => {
      const sizing = sizeFor(one, machine, costs);
      const more = sizeFor(
        { ...one, viewers: one.viewers * 2, holdsPerSecond: one.holdsPerSecond * 2 },
        machine,
        costs,
      );
      const tighter = sizeFor({ ...one, withinMs: one.withinMs / 2 }, machine, costs);
      return (
        more.workers >= sizing.workers &&
        more.hosts >= sizing.hosts &&
        more.redisShards >= sizing.redisShards &&
        tighter.viewersPerWorker <= sizing.viewersPerWorker &&
        Object.values(sizing).every((value) => typeof value !== 'number' || Number.isFinite(value))
      );
    }),
  );
});

t.test('the command: what it is told, what it takes for granted, and what it does not understand', async (t) => {
  const page = capacityPage(['--viewers', '10000000', '--on-sales', '5'], readUnitCosts());
  t.match(page, /^10,000,000 people at the maps of 5 events/);
  t.match(page, /The first bottleneck: |This cannot be served: /);
  t.throws(() => capacityPage([], costs), /Say at least --viewers/);
  t.throws(() => capacityPage(['--viewers', 'many'], costs), /--viewers is no number/);
  t.throws(() => capacityPage(['--viewers', '-1'], costs));
  t.throws(() => capacityPage(['--viewers', '10', '--sold-in', '0'], costs), /--sold-in is no number/);
  t.throws(() => capacityPage(['--viewer', '1'], costs), /viewer/);
});
