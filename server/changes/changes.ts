/**
 * Changes of what is shown (events, venues, performers), told by Postgres itself to whoever keeps copies. Interface of
 * the domain: an edit by whatever way, a psql session too, reaches every copy.
 */
export interface ChangeSink {
  readonly name: string;
  /** Changes are followed from here on: whatever is missing is fetched. Who leads does not wait for it. */
  begin(): Promise<void>;
  /** Ids of what has changed; more than once, if need be. Resolves when the copy is right again. */
  changed(tags: readonly string[]): Promise<void>;
  /** Changes may have been missed: everything is to be looked at anew. */
  everything(): Promise<void>;
}

/** Copies that live for a moment: told at once, and not waited for. */
export interface CacheTelling {
  /** Undefined: everything. */
  tell(tags: readonly string[] | undefined): void;
  /** Says that changes are followed, until it is stopped. */
  beat(): { stop(): void };
}

/** Lists and searches depend on more than the events in them: whatever has changed may belong there. */
export function withLists(tags: readonly string[]): readonly string[] {
  return [...tags, 'events', 'search'];
}
