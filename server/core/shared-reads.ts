/** Reads that several processes want in the same moment, done once for all of them. */
export interface SharedReads {
  /** @param key names what is read; the value has to be plain data. */
  read<Value>(key: string, read: () => Promise<Value>): Promise<Value>;
}

/** Under names of its own: what is read here is not what is read there. */
export function sharedAs(name: string, shared: SharedReads): SharedReads {
  return { read: (key, read) => shared.read(`${name}:${key}`, read) };
}

/** Every process reads for itself. */
export const unshared: SharedReads = { read: (_key, read) => read() };
