/** Reads that several processes want in the same moment, done once for all of them. */
export interface SharedReads {
  /** @param key names what is read; the value has to be plain data. */
  read<Value>(key: string, read: () => Promise<Value>): Promise<Value>;
}

/** Every process reads for itself. */
export const unshared: SharedReads = { read: (_key, read) => read() };
