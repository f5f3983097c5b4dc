import { systemClock } from '../../server/core/clock.js';
import { Fault } from '../../server/core/faults.js';
import { newId } from '../../server/core/random.js';
import { eventKeys } from '../../server/redis/keys.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { RebuildInput, SeatOperation } from '../../server/seatmap/operations.js';
import { Wrong } from './oracle-words.js';
import { type Ask, hall, type Program, type Step } from './program.js';
import { Resolver, rulesAt } from './resolver.js';
import { compareOrder, compareSnapshot, judgeRest, observeRest, rowsSince, type Start, startOf } from './rest.js';
import { SeatOracle } from './seat-oracle.js';
import type { Listener, ModelWorld } from './world.js';

/** Every answer is judged; the map is read each so many steps, and all that there is at the end. */
const stepsBetweenLooks = 10;

/** Runs one program on real Redis beside the oracle. How often each outcome came up is added to `seen`. */
export async function runProgram(world: ModelWorld, program: Program, seen: Map<string, number>): Promise<void> {
  const event = newId('evt');
  const [seconds] = await world.raw.time();
  const run = new ProgramRun(
    world,
    event,
    new SeatOracle(hall.seats, rulesAt(Number(seconds) * 1_000, program.rules)),
    seen,
  );
  try {
    await run.begin();
    for (const [i, step] of program.steps.entries()) {
      if (!step) continue;
      await run.step(step);
      if (i % stepsBetweenLooks === 0) await run.look();
    }
    await run.finish();
  } finally {
    await run.end();
  }
}

class ProgramRun {
  readonly #world: ModelWorld;
  readonly #event: string;
  readonly #seen: Map<string, number>;
  readonly #resolver = new Resolver();
  #oracle: SeatOracle;
  #listener: Listener | undefined;
  #start: Start | undefined;

  constructor(world: ModelWorld, event: string, oracle: SeatOracle, seen: Map<string, number>) {
    this.#world = world;
    this.#event = event;
    this.#oracle = oracle;
    this.#seen = seen;
  }

  async begin(): Promise<void> {
    this.#world.books.set(this.#event, () => this.#books());
    this.#listener = await this.#world.listen(this.#event);
    await this.#takeStart();
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'ask':
        return this.#apply(step.worker, [this.#resolve(step.ask)]);
      case 'together': {
        const operations = step.asks.map((ask) => this.#resolve(ask));
        return this.#apply(step.worker, [...operations.filter((one) => !grows(one)), ...operations.filter(grows)]);
      }
      case 'race':
        return this.#race(step.asks.map((asks) => asks.map((ask) => this.#resolve(ask))));
      case 'wait':
        return systemClock.sleep(step.ms);
      case 'admit':
        return this.#admit(step.holder, step.forMs);
      case 'lose':
        return this.#lose(step.kept);
    }
  }

  /** The map and its rules, as the answers so far leave them. */
  async look(): Promise<void> {
    compareSnapshot(await this.#world.workers[1].engine.snapshot(this.#event), this.#oracle);
  }

  async finish(): Promise<void> {
    await this.#applyExpire(0);
    const { start, listener } = this.#begun();
    const observed = await observeRest(this.#world.workers[1], this.#event, start, listener);
    judgeRest(observed, this.#oracle, this.#resolver.sent);
    this.#count('lapse', this.#oracle.lapses);
  }

  async end(): Promise<void> {
    await this.#listener?.stop();
    await this.#world.forget(this.#event);
  }

  #begun(): { start: Start; listener: Listener } {
    if (!this.#start || !this.#listener) throw new Error('not begun');
    return { start: this.#start, listener: this.#listener };
  }

  #resolve(ask: Ask): SeatOperation {
    return this.#resolver.resolve(ask, this.#oracle);
  }

  /** Operations of one tick on one worker. */
  async #send(worker: number, operations: readonly SeatOperation[]): Promise<Answers> {
    const { engine } = this.#world.workers[worker === 0 ? 0 : 1];
    return Promise.all(
      operations.map(async (operation) => ({ operation, ...(await engine.apply(this.#event, operation)) })),
    );
  }

  async #apply(worker: number, operations: readonly SeatOperation[]): Promise<void> {
    for (const name of judgeAll(this.#oracle, await this.#send(worker, operations))) this.#count(name);
  }

  /** Two calls at once: their answers must be those of one order or of the other. */
  async #race(sides: readonly (readonly SeatOperation[])[]): Promise<void> {
    const [a = [], b = []] = await Promise.all(sides.map((operations, worker) => this.#send(worker, operations)));
    const complaints: string[] = [];
    const fitting = [
      { name: 'race as sent', answers: [...a, ...b] },
      { name: 'race the other way round', answers: [...b, ...a] },
    ].flatMap(({ name, answers }) =>
      unlessWrong(complaints, () => {
        const oracle = this.#oracle.copy();
        return { oracle, names: [...judgeAll(oracle, answers), name] };
      }),
    );
    // Where the answers fit both orders and the orders differ, what is there now tells them apart.
    const isOpen = new Set(fitting.map(({ oracle }) => oracle.course())).size > 1;
    const found = isOpen ? await this.#asObserved(fitting, complaints) : fitting[0];
    if (!found) throw new Wrong(complaints.join('\nor, in the other order:\n'));
    this.#oracle = found.oracle;
    for (const name of found.names) this.#count(name);
  }

  async #asObserved<Order extends { readonly oracle: SeatOracle }>(
    orders: readonly Order[],
    complaints: string[],
  ): Promise<Order | undefined> {
    const [, worker] = this.#world.workers;
    const snapshot = await worker.engine.snapshot(this.#event);
    const rows = await rowsSince(worker, this.#event, this.#begun().start);
    const [found] = orders.flatMap((order) =>
      unlessWrong(complaints, () => {
        compareSnapshot(snapshot, order.oracle);
        compareOrder(rows, order.oracle);
        return order;
      }),
    );
    return found;
  }

  async #admit(holder: string, forMs: number): Promise<void> {
    const until = this.#oracle.now + forMs;
    await this.#world.raw.hset(eventKeys(this.#event).admitted, holder, until);
    this.#oracle.admitted.set(holder, until);
  }

  async #lose(kept: 'holds' | 'nothing'): Promise<void> {
    const { meta, ...rest } = eventKeys(this.#event);
    await this.#world.raw.del(meta, ...(kept === 'nothing' ? Object.values(rest) : []));
    this.#count(`loss, ${kept} kept`);
    this.#oracle.recover(kept);
    await this.#applyExpire(0);
    await this.#applyExpire(1);
    await this.#takeStart();
  }

  /** Also brings a lost event back; a timer of the worker may be doing so already. */
  async #applyExpire(worker: number): Promise<void> {
    const operation = this.#resolve({ kind: 'expire' });
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#apply(worker, [operation]);
      } catch (error) {
        if (!(error instanceof Fault) || attempt === 200) throw error;
        await systemClock.sleep(1);
      }
    }
  }

  async #takeStart(): Promise<void> {
    const snapshot = await this.#world.workers[1].engine.snapshot(this.#event);
    compareSnapshot(snapshot, this.#oracle);
    this.#oracle.effective.clear();
    this.#start = startOf(snapshot);
  }

  /** What the booking side has written down: all that survives a loss of Redis. */
  #books(): Omit<RebuildInput, 'generation'> {
    const { seats, holds, rules } = this.#oracle;
    const inState = (state: string) => seats.flatMap((found, seat) => (found === state ? [seat] : []));
    const claims = [...holds.values()].flatMap(({ id, booking, expiresAt, ...hold }) =>
      booking === undefined ? [] : [{ ...hold, holdId: id, bookingId: booking, payBy: expiresAt }],
    );
    return { ...hall, sold: inState('sold'), blocked: inState('blocked'), claims, rules };
  }

  #count(name: string, times = 1): void {
    this.#seen.set(name, (this.#seen.get(name) ?? 0) + times);
  }
}

type Answers = readonly ({ readonly operation: SeatOperation } & Awaited<ReturnType<SeatEngine['apply']>>)[];

function judgeAll(oracle: SeatOracle, answers: Answers): string[] {
  return answers.map(({ operation, now, outcome }) => oracle.judge(now, operation, outcome));
}

/** What `judge` finds, or nothing and its complaint. */
function unlessWrong<T>(complaints: string[], judge: () => T): T[] {
  try {
    return [judge()];
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    complaints.push(error.message);
    return [];
  }
}

function grows({ kind }: SeatOperation): boolean {
  return kind === 'hold' || kind === 'swap' || kind === 'extend';
}
