import { Fault } from '../core/faults.js';
import type { Query } from '../db/pool.js';
import { badField, type NewPrices } from './input.js';
import { openChart } from './stored-chart.js';

/** An event's prices, by version. A version never changes: holds keep the one under which they were made. */
export async function insertPrices(tx: Query, event: string, version: number, prices: NewPrices): Promise<void> {
  await tx.query(
    `insert into prices (event_id, version, category, name, amount)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::int[])`,
    [
      event,
      version,
      prices.map(({ category }) => category),
      prices.map(({ name }) => name),
      prices.map(({ amount }) => amount),
    ],
  );
}

/** Every seat must have a price, and every price a seat. @throws Fault `badRequest` */
export async function requirePrices(db: Query, chartHash: string, prices: NewPrices): Promise<void> {
  const row = await db.one<{ pack: Buffer }>('select pack from charts where hash = $1', [chartHash]);
  if (!row) throw badField('/chartHash', 'there is no such chart');
  const { categories } = openChart(row.pack, chartHash).chart;
  const errors: { pointer: string; detail: string }[] = [];
  const priced = new Set<string>();
  prices.forEach(({ category }, at) => {
    if (priced.has(category)) errors.push({ pointer: `/prices/${at}`, detail: `${category} has two prices` });
    if (!categories.includes(category)) {
      errors.push({ pointer: `/prices/${at}/category`, detail: `the chart has no category ${category}` });
    }
    priced.add(category);
  });
  for (const category of categories) {
    if (!priced.has(category)) errors.push({ pointer: '/prices', detail: `the category ${category} has no price` });
  }
  if (errors.length > 0) throw new Fault('badRequest', 'The prices do not fit the chart.', { errors });
}
