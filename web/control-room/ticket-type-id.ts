/** An id for a ticket type that is new: its name in small letters, or a number where that says nothing. */
export function newTypeId(name: string, known: readonly string[]): string {
  const words = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const base =
    words
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 24)
      .replace(/-+$/, '') || 'type';
  let id = base;
  for (let number = 2; known.includes(id); number++) id = `${base}-${number}`;
  return id;
}
