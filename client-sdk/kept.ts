/** The part of the Storage interface that is used; absent where a browser forbids storage. */
export interface TokenStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** One text that outlives the page, where the browser lets anything be stored; else as long as the page. */
export interface Kept {
  read(): string | undefined;
  keep(text: string): void;
}

export function createKept(storage: TokenStore | undefined, place: string): Kept {
  let memory: string | undefined;
  return {
    read() {
      try {
        memory = storage?.getItem(place) ?? memory;
      } catch {
        // Storage that cannot be read is storage without it.
      }
      return memory;
    },
    keep(text) {
      memory = text;
      try {
        storage?.setItem(place, text);
      } catch {
        // Full or forbidden: kept in memory only.
      }
    },
  };
}
