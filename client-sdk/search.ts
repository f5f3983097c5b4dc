import type { SearchReply } from '../protocol/search.js';
import type { Api } from './api.js';
import type { ClientClock, Timer } from './clock.js';
import { createSource, type Observable } from './observable.js';
import type { Refusal, Result } from './result.js';

/** What `GET /v1/search` takes; `q` may be unfinished and misspelt. */
export interface SearchWish {
  readonly q?: string;
  readonly genre?: string;
  readonly city?: string;
  readonly venue?: string;
  /** Of the event's start, ms since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly lat?: number;
  readonly lon?: number;
  readonly km?: number;
  /** The cheapest seat costs no more, minor units. */
  readonly maxAmount?: number;
  readonly onSale?: '0' | '1';
  readonly sort?: 'relevance' | 'date' | 'distance' | 'popularity';
  readonly limit?: number;
  readonly cursor?: string;
}

/** `wish` is what is shown; while it is another than the last one asked for, an answer is on its way. */
export interface SearchState {
  readonly wish: SearchWish | undefined;
  readonly page: SearchReply | undefined;
  readonly searching: boolean;
  readonly trouble: Refusal | undefined;
}

export interface Search extends Observable<SearchState> {
  /** Asks once. */
  find(wish: SearchWish): Promise<Result<{ page: SearchReply }>>;
  /** As people type: asks when they pause, and never shows an older answer after a newer one. */
  type(wish: SearchWish): void;
}

const PAUSE_MS = 120;

export function createSearch(api: Api, clock: ClientClock): Search {
  const state = createSource<SearchState>({ wish: undefined, page: undefined, searching: false, trouble: undefined });
  let timer: Timer | undefined;
  let asked = 0;

  async function find(wish: SearchWish): Promise<Result<{ page: SearchReply }>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wish))
      if (value !== undefined && value !== '') query.set(name, String(value));
    const result = await api.read<SearchReply>(`/v1/search?${query}`);
    return result.ok ? { ok: true, page: result.body } : result;
  }

  async function ask(wish: SearchWish): Promise<void> {
    const mine = ++asked;
    const result = await find(wish);
    if (mine !== asked) return;
    if (result.ok) state.set({ wish, page: result.page, searching: false, trouble: undefined });
    else state.set({ ...state.getSnapshot(), searching: false, trouble: result });
  }

  return {
    subscribe: state.subscribe,
    getSnapshot: state.getSnapshot,
    find,
    type(wish) {
      timer?.cancel();
      // What is on its way is for what was typed before.
      asked++;
      state.set({ ...state.getSnapshot(), searching: true });
      timer = clock.after(PAUSE_MS, () => void ask(wish));
    },
  };
}
