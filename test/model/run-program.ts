import { systemClock } from '../../server/core/clock.js';
import { Fault } from '../../server/core/faults.js';
import { newId } from '../../server/core/random.js';
import { eventKeys } from '../../server/redis/keys.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { RebuildInput, SeatOperation } from '../../server/seatmap/operations.js';
import { type Ask, hall, type Program, type Step } from './program.js';
import { Resolver, rulesAt } from './resolver.js';
import { compareSnapshot, judgeRest, observeRest, type Start, startOf } from './rest.js';
import { SeatOracle, Wrong } from './seat-oracle.js';
import type { Listener, ModelWorld } from './world.js';

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
    for (const step of program.steps) if (step) await run.step(step);
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
  /** More than one when answers leave open which of two calls at once was first. */
  #oracles: readonly SeatOracle[];
  #listener: Listener | undefined;
  #start: Start | undefined;

  constructor(world: ModelWorld, event: string, oracle: SeatOracle, seen: Map<string, number>) {
    this.#world = world;
    this.#event = event;
    this.#oracles = [oracle];
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

  async finish(): Promise<void> {
    await this.#applyExpire(0);
    if (!this.#start || !this.#listener) throw new Error('not begun');
    const observed = await observeRest(this.#world.workers[1], this.#event, this.#start, this.#listener);
    this.#keep((oracle) => judgeRest(observed, oracle, this.#resolver.sent));
    this.#count('lapse', this.#one.lapses);
  }

  async end(): Promise<void> {
    await this.#listener?.stop();
    await this.#world.forget(this.#event);
  }

  get #one(): SeatOracle {
    const [oracle] = this.#oracles;
    if (!oracle) throw new Error('there is always one');
    return oracle;
  }

  #resolve(ask: Ask): SeatOperation {
    return this.#resolver.resolve(ask, this.#one);
  }

  /** Operations of one tick on one worker. */
  async #send(worker: number, operations: readonly SeatOperation[]): Promise<Answers> {
    const { engine } = this.#world.workers[worker === 0 ? 0 : 1];
    return Promise.all(
      operations.map(async (operation) => ({ operation, ...(await engine.apply(this.#event, operation)) })),
    );
  }

  async #apply(worker: number, operations: readonly SeatOperation[]): Promise<void> {
    const answers = await this.#send(worker, operations);
    let names: readonly string[] = [];
    this.#keep((oracle) => {
      names = judgeAll(oracle, answers);
    });
    for (const name of names) this.#count(name);
  }

  /** Two calls at once: their answers must be those of one order or of the other. */
  async #race(sides: readonly (readonly SeatOperation[])[]): Promise<void> {
    const [a = [], b = []] = await Promise.all(sides.map((operations, worker) => this.#send(worker, operations)));
    const before = this.#oracles;
    const orders: [name: string, calls: Answers][] = [
      ['race as sent', [...a, ...b]],
      ['race the other way round', [...b, ...a]],
    ];
    const possible = new Map(
      before.flatMap((oracle) => orders.map(([name, calls]) => [oracle.copy(), { name, calls }] as const)),
    );
    this.#oracles = [...possible.keys()];
    let names: readonly string[] = [];
    this.#keep((oracle) => {
      const order = possible.get(oracle);
      names = [...judgeAll(oracle, order?.calls ?? []), order?.name ?? ''];
    });
    for (const name of names) this.#count(name);
    if (this.#oracles.length > 1) this.#oracles = [...new Map(this.#oracles.map((one) => [one.key(), one])).values()];
    if (this.#oracles.length === 1) return;
    const snapshot = await this.#world.workers[1].engine.snapshot(this.#event);
    this.#keep((oracle) => compareSnapshot(snapshot, oracle));
  }

  /** What contradicts an answer cannot be what happened. */
  #keep(judge: (oracle: SeatOracle) => void): void {
    const complaints: string[] = [];
    this.#oracles = this.#oracles.filter((oracle) => {
      try {
        judge(oracle);
        return true;
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        complaints.push(error.message);
        return false;
      }
    });
    if (this.#oracles.length === 0) throw new Wrong(complaints.join('\nor, in the other order:\n'));
  }

  async #admit(holder: string, forMs: number): Promise<void> {
    const session = this.#resolver.sessionOf(holder);
    const until = this.#one.now + forMs;
    await this.#world.raw.hset(eventKeys(this.#event).admitted, session, until);
    for (const oracle of this.#oracles) oracle.admitted.set(session, until);
  }

  async #lose(kept: 'holds' | 'nothing'): Promise<void> {
    const { meta, ...rest } = eventKeys(this.#event);
    await this.#world.raw.del(meta, ...(kept === 'nothing' ? Object.values(rest) : []));
    this.#count(`loss, ${kept} kept`);
    for (const oracle of this.#oracles) oracle.recover(kept);
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
    this.#keep((oracle) => compareSnapshot(snapshot, oracle));
    for (const oracle of this.#oracles) oracle.effective.clear();
    this.#start = startOf(snapshot);
  }

  /** What the booking side has written down: all that survives a loss of Redis. */
  #books(): Omit<RebuildInput, 'generation'> {
    const { seats, holds, rules } = this.#one;
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

function grows({ kind }: SeatOperation): boolean {
  return kind === 'hold' || kind === 'extend';
}
