import type { HoldRecord, JournalRow, SeatDiff, SeatOperation, SeatSnapshot } from '../../server/seatmap/operations.js';
import { digestOf, readMap, stateOf } from './map-digest.js';
import { type OracleHold, Wrong } from './oracle-words.js';
import { hall, holders } from './program.js';
import type { SeatOracle, SeatState } from './seat-oracle.js';
import type { Listener, Worker } from './world.js';

interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** Where a listener comes in: the map at a position. */
export interface Start extends Position {
  readonly states: readonly SeatState[];
}

export function startOf({ epoch, seq, status }: SeatSnapshot): Start {
  return { epoch, seq, states: readMap(status, hall.seats) };
}

/** All that says what the seats are when nothing is asked any more. */
export interface Rest {
  readonly start: Start;
  readonly snapshot: SeatSnapshot;
  readonly holds: ReadonlyMap<string, readonly HoldRecord[]>;
  /** The time of Redis after `holds` were read. */
  readonly later: number;
  readonly diffs: readonly SeatDiff[];
  readonly rows: readonly JournalRow[];
}

export async function observeRest(worker: Worker, event: string, start: Start, listener: Listener): Promise<Rest> {
  const { engine } = worker;
  const snapshot = await engine.snapshot(event);
  const { epoch, seq } = snapshot;
  const owned = await Promise.all(holders.map(async (one) => [one, await engine.holdsOf(event, one)] as const));
  const later = (await engine.snapshot(event)).now;
  await listener.heard(epoch, seq);
  const isUntilThen = (at: Position) => at.epoch === epoch && at.seq <= seq;
  return {
    start,
    snapshot,
    holds: new Map(owned),
    later,
    diffs: listener.diffs.filter((diff) => isUntilThen(diff) && isSince(start, diff)),
    rows: (await rowsSince(worker, event, start)).filter(isUntilThen),
  };
}

/** What the journal has after this position. */
export async function rowsSince({ store }: Worker, event: string, start: Position): Promise<JournalRow[]> {
  const { rows } = await store.readJournal(event, 10_000);
  return rows.filter((row) => isSince(start, row));
}

function isSince(start: Position, at: Position): boolean {
  return at.epoch === start.epoch && at.seq > start.seq;
}

/** Everything must say the same. @throws Wrong */
export function judgeRest(rest: Rest, oracle: SeatOracle, sent: readonly SeatOperation[]): void {
  const { snapshot, start, rows, diffs } = rest;
  compareSnapshot(snapshot, oracle);
  compareHolds(rest, oracle);
  const states = readMap(snapshot.status, hall.seats);
  same('the map of whoever listened', replayDiffs(diffs, start, snapshot.seq), states);
  same('the map that the journal gives', replayJournal(rows, start), states);
  compareAuditTrail(rows, sent);
  compareOrder(rows, oracle);
}

/** A snapshot may still have holds that are due, because it changes nothing. @throws Wrong */
export function compareSnapshot(snapshot: SeatSnapshot, oracle: SeatOracle): void {
  oracle.passTime(snapshot.now);
  const states = readMap(snapshot.status, hall.seats);
  same('the digest of the map', snapshot.digest, digestOf(states, hall));
  const due = (seat: number) => (snapshot.expiries.get(seat) ?? Number.POSITIVE_INFINITY) <= snapshot.now;
  same(
    'the map',
    states.map((state, seat) => (due(seat) ? 'available' : state)),
    oracle.seats,
  );
  const live = [...snapshot.expiries].filter(([seat]) => !due(seat));
  const expected = [...oracle.holds.values()].flatMap(({ booking, seats, expiresAt }) =>
    booking === undefined ? seats.map((seat) => [seat, expiresAt] as const) : [],
  );
  same('the lapse of each seat', sorted(live), sorted(expected));
  same('the rules', sorted(Object.entries(snapshot.rules)), sorted(Object.entries(oracle.rules)));
}

/** This reading does not say its time: a hold that was there before it and after it is in it. */
function compareHolds({ holds, later }: Rest, oracle: SeatOracle): void {
  const say = (hold: Omit<OracleHold, 'booking'>, booking: string | undefined) =>
    JSON.stringify([hold.id, hold.holder, sorted(hold.seats), hold.expiresAt, hold.capAt, booking]);
  const own = (holder: string) => oracle.holdsOf(holder).map((hold) => say(hold, hold.booking));
  const before = new Map(holders.map((holder) => [holder, own(holder)]));
  oracle.passTime(later);
  for (const [holder, found] of holds) {
    const said = found.map((hold) => say(hold, hold.bookingId));
    const missing = own(holder).filter((hold) => !said.includes(hold));
    const foreign = said.filter((hold) => !before.get(holder)?.includes(hold));
    if (missing.length + foreign.length > 0) throw new Wrong(`${holder} lacks ${missing}, has too much ${foreign}`);
  }
}

function replayDiffs(diffs: readonly SeatDiff[], start: Start, end: number): SeatState[] {
  const states = [...start.states];
  let seq = start.seq;
  for (const diff of diffs) {
    seq += 1;
    same('the next position', diff.seq, seq);
    for (const { index, status } of diff.changes) states[index] = stateOf(status);
    same(`the digest at ${diff.seq}`, diff.digest, digestOf(states, hall));
  }
  same('the last position', seq, end);
  return states;
}

function replayJournal(rows: readonly JournalRow[], start: Start): SeatState[] {
  const states = [...start.states];
  let last: JournalRow | undefined;
  for (const row of rows) {
    const inOrder =
      !last || row.seq > last.seq || (row.seq === last.seq && row.ordinal > last.ordinal && row.at === last.at);
    if (!inOrder || row.at < (last?.at ?? 0)) throw new Wrong(`journal: ${JSON.stringify([last, row])}`);
    states[row.seat] = stateOf(row.status);
    last = row;
  }
  return states;
}

/** Every entry has the name of its operation. @throws Wrong */
function compareAuditTrail(rows: readonly JournalRow[], sent: readonly SeatOperation[]): void {
  const asked = new Map(sent.map((operation) => [operation.opId, operation]));
  for (const { opId, kind, actor } of rows) {
    if (kind === 'expire') same('who lets holds lapse', actor, 'clock');
    else {
      const operation = asked.get(opId);
      same(`the entry of ${opId}`, [kind, actor], [operation?.kind, operation && nameIn(operation)]);
    }
  }
}

/** The operations of the journal are those that had an effect, one after the other. @throws Wrong */
export function compareOrder(rows: readonly JournalRow[], { effective }: SeatOracle): void {
  const written = new Set(rows.filter(({ kind }) => kind !== 'expire').map(({ opId }) => opId));
  same('operations in the journal', [...written], [...effective]);
}

function nameIn(operation: SeatOperation): string | undefined {
  if (operation.kind === 'release') return Object.values(operation.by)[0];
  if ('holder' in operation) return operation.holder;
  if ('bookingId' in operation) return operation.bookingId;
  return 'staff' in operation ? operation.staff : undefined;
}

/** In one order, whatever they are. */
function sorted(values: Iterable<unknown>): string[] {
  return [...values].map((value) => JSON.stringify(value)).sort();
}

function same(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
  if (a !== b) throw new Wrong(`${what}: ${a} instead of ${b}`);
}
