/** What follows from something that never changes, such as a chart: worked out when first asked for, kept as long as its source. */
export function derived<Source extends object, Value>(make: (source: Source) => Value): (source: Source) => Value {
  const known = new WeakMap<Source, { readonly value: Value }>();
  return (source) => {
    const entry = known.get(source) ?? { value: make(source) };
    known.set(source, entry);
    return entry.value;
  };
}
