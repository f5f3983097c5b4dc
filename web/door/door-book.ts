import type { ClientClock } from '../../client-sdk/clock.js';
import { createSource, type Observable } from '../../client-sdk/observable.js';
import type { DoorList, Scan, ScanResult } from '../../protocol/door.js';
import { limits } from '../../protocol/limits.js';
import type { DoorApi } from './door-api.js';

/**
 * What one door knows: the list of valid tickets, who is in, and the scans that the server has yet to hear of.
 *
 *   online ⇄ offline
 *     online   the server decides about each scan
 *     offline  the list decides; scans are kept, also over a reload, and sent as soon as the server answers again
 *
 * What was let in offline and turns out to have been in already, or refunded, is a conflict: a person may look.
 */
export interface DoorBook extends Observable<DoorState> {
  scan(code: string): Promise<DoorAnswer>;
  /** Sends what waits, and reads the list again. */
  refresh(): Promise<void>;
}

/** `offline`: decided here, by a list that may be old. */
export type DoorAnswer = ScanResult & { readonly offline: boolean };

export interface DoorState {
  readonly online: boolean;
  /** When the list was made; undefined before the first. */
  readonly listedAt: number | undefined;
  readonly valid: number;
  readonly admitted: number;
  /** Scans that the server has yet to hear of. */
  readonly waiting: number;
  readonly conflicts: readonly ScanResult[];
}

/** Where it is kept on the device. */
export interface DoorStore {
  load(): Promise<Kept | undefined>;
  save(kept: Kept): Promise<void>;
}

export interface Kept {
  readonly list: DoorList | undefined;
  readonly pending: readonly Scan[];
}

export async function openDoorBook(options: {
  readonly event: string;
  readonly api: DoorApi;
  readonly store: DoorStore;
  readonly clock: Pick<ClientClock, 'now' | 'newId'>;
}): Promise<DoorBook> {
  const { event, api, store, clock } = options;
  const kept = await store.load();
  const tickets = new Map((kept?.list?.tickets ?? []).map((ticket) => [ticket.id, { ...ticket }]));
  let listedAt = kept?.list?.at;
  let pending = [...(kept?.pending ?? [])];
  let sending: Promise<boolean> | undefined;
  const state = createSource<DoorState>({
    online: true,
    listedAt,
    valid: 0,
    admitted: 0,
    waiting: 0,
    conflicts: [],
  });
  show({});

  function show(more: Partial<DoorState>): void {
    const all = [...tickets.values()];
    const admitted = all.filter(({ admittedAt }) => admittedAt !== null).length;
    state.set({ ...state.getSnapshot(), listedAt, valid: all.length, admitted, waiting: pending.length, ...more });
  }

  async function save(): Promise<void> {
    const list = listedAt === undefined ? undefined : { event, at: listedAt, tickets: [...tickets.values()] };
    await store.save({ list, pending });
  }

  async function scan(code: string): Promise<DoorAnswer> {
    const one: Scan = { id: clock.newId(), code, at: clock.now() };
    // Those before it first: one of them may be of the same ticket.
    const reply = (await sendPending()) ? await api.scan(event, [one]) : 'offline';
    const result = reply === 'offline' ? undefined : reply.results[0];
    if (result) {
      learn(result);
      show({ online: true });
      return { ...result, offline: false };
    }
    const decided = decideHere(one);
    learn(decided);
    if (decided.outcome === 'admitted') pending.push(one);
    show({ online: false });
    await save();
    return { ...decided, offline: true };
  }

  function decideHere({ id, code, at }: Scan): ScanResult {
    const ticketId = ticketOf(code);
    const found = ticketId === undefined ? undefined : tickets.get(ticketId);
    if (!found) return { id, outcome: ticketId === undefined ? 'forged' : 'unknown' };
    const { id: ticket, seat, category, ticketType, frozen, admittedAt } = found;
    const shown = { id: ticket, seat, category, ticketType };
    if (admittedAt !== null) return { id, outcome: 'alreadyAdmitted', ticket: shown, admittedAt };
    return frozen
      ? { id, outcome: 'frozen', ticket: shown }
      : { id, outcome: 'admitted', ticket: shown, admittedAt: at };
  }

  function learn({ ticket, admittedAt }: ScanResult): void {
    const known = ticket && tickets.get(ticket.id);
    if (known && admittedAt !== undefined) known.admittedAt = admittedAt;
  }

  /** @returns whether the server has heard of all of them. */
  function sendPending(): Promise<boolean> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  async function sendAll(): Promise<boolean> {
    while (pending.length > 0) {
      const batch = pending.slice(0, limits.scansPerCall);
      const reply = await api.scan(event, batch);
      if (reply === 'offline') return false;
      pending = pending.slice(batch.length);
      const conflicts = reply.results.filter(({ outcome }) => outcome !== 'admitted');
      show({ online: true, conflicts: [...state.getSnapshot().conflicts, ...conflicts] });
      await save();
    }
    return true;
  }

  async function refresh(): Promise<void> {
    const list = (await sendPending()) ? await api.list(event) : 'offline';
    if (list === 'offline') return show({ online: false });
    // Nobody goes out again: who came in while the list was on its way is in.
    const before = new Map(tickets);
    tickets.clear();
    for (const ticket of list.tickets) {
      const admittedAt = ticket.admittedAt ?? before.get(ticket.id)?.admittedAt ?? null;
      tickets.set(ticket.id, { ...ticket, admittedAt });
    }
    listedAt = list.at;
    show({ online: true });
    await save();
  }

  return { scan, refresh, getSnapshot: state.getSnapshot, subscribe: state.subscribe };
}

/**
 * Of a printed id or a code. The signature is the server's to check: here it is enough that the id, which nobody can
 * guess, is on the list.
 */
function ticketOf(code: string): string | undefined {
  if (/^tkt_[0-9A-Za-z]+$/.test(code)) return code;
  try {
    const payload = (code.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { tkt } = JSON.parse(atob(payload)) as { readonly tkt?: unknown };
    return typeof tkt === 'string' ? tkt : undefined;
  } catch {
    return undefined;
  }
}
