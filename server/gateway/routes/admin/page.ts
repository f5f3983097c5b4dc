import { z } from 'zod';
import { pageQuery } from '../../../../protocol/admin.js';

export const pageQuerySchema = z.strictObject(pageQuery);

/** One more item than asked for tells whether there is a next page. */
export async function pageOf<Item extends object>(
  limit: number,
  cursorOf: (item: Item) => string,
  read: (limit: number) => Promise<readonly Item[]>,
): Promise<{ items: readonly Item[]; nextCursor: string | null }> {
  const found = await read(limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? cursorOf(last) : null };
}

/** A page whose items are sent in another form. */
export function pageView<Item, View>(
  page: { readonly items: readonly Item[]; readonly nextCursor: string | null },
  view: (item: Item) => View,
): { items: View[]; nextCursor: string | null } {
  return { items: page.items.map(view), nextCursor: page.nextCursor };
}
