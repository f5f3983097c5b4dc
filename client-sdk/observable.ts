/** What every part of the SDK offers to a page: the shape that React's useSyncExternalStore takes. */
export interface Observable<T> {
  /** Calls `listener` after each change. Returns the way to stop it. */
  subscribe(listener: () => void): () => void;
  /** The same object until something has changed; never modified. */
  getSnapshot(): T;
}

export interface Source<T> extends Observable<T> {
  set(value: T): void;
}

export function createSource<T>(initial: T): Source<T> {
  const listeners = createListeners<[]>();
  let current = initial;
  return {
    subscribe: listeners.add,
    getSnapshot: () => current,
    set(value) {
      current = value;
      listeners.call();
    },
  };
}

export interface Listeners<A extends unknown[]> {
  add(listener: (...args: A) => void): () => void;
  call(...args: A): void;
}

export function createListeners<A extends unknown[]>(): Listeners<A> {
  const all = new Set<(...args: A) => void>();
  return {
    add(listener) {
      const own = (...args: A): void => listener(...args);
      all.add(own);
      return () => all.delete(own);
    },
    call(...args) {
      for (const listener of [...all]) listener(...args);
    },
  };
}
