import { standardType } from '../../protocol/prices.js';
import { Fault, type FieldError } from '../core/faults.js';
import type { Query } from '../db/pool.js';
import type { PriceList } from './catalog.js';
import { badField, type NewPriceList } from './input.js';
import { openChart } from './stored-chart.js';

/** Columns of a query that are one version of an event's prices. The parameters are SQL. */
export function priceListColumns(event: string, version: string): string {
  return `coalesce((select json_agg(json_build_object('id', t.type, 'name', t.name) order by t.ordinal)
      from ticket_types t where t.event_id = ${event} and t.version = ${version}),
      '${JSON.stringify([standardType])}') as "ticketTypes",
    coalesce((select json_agg(json_build_object('category', c.category, 'name', c.name, 'amount', c.amount, 'amounts',
        coalesce((select json_object_agg(a.type, a.amount order by a.type) from ticket_type_prices a
          where a.event_id = c.event_id and a.version = c.version and a.category = c.category), '{}'))
        order by c.amount desc, c.category)
      from prices c where c.event_id = ${event} and c.version = ${version}), '[]') as prices`;
}

/** Undefined when there is no such version. */
export async function readPriceList(from: Query, event: string, version: number): Promise<PriceList | undefined> {
  const list = await from.one<PriceList>(`select ${priceListColumns('$1', '$2')}`, [event, version]);
  return list && list.prices.length > 0 ? list : undefined;
}

/** An event's prices, by version. A version never changes: holds keep the one under which they were made. */
export async function insertPrices(
  tx: Query,
  event: string,
  version: number,
  { ticketTypes, prices }: NewPriceList,
): Promise<void> {
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
  await tx.query(
    `insert into ticket_types (event_id, version, type, name, ordinal)
     select $1, $2, type, name, ordinal - 1
     from unnest($3::text[], $4::text[]) with ordinality as t (type, name, ordinal)`,
    [event, version, ticketTypes.map(({ id }) => id), ticketTypes.map(({ name }) => name)],
  );
  const amounts = prices.flatMap(({ category, amounts }) =>
    Object.entries(amounts).map(([type, amount]) => ({ category, type, amount })),
  );
  await tx.query(
    `insert into ticket_type_prices (event_id, version, category, type, amount)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::int[])`,
    [
      event,
      version,
      amounts.map(({ category }) => category),
      amounts.map(({ type }) => type),
      amounts.map(({ amount }) => amount),
    ],
  );
}

/** Every seat must have a price with every ticket type, and every price a seat. @throws Fault `badRequest` */
export async function requirePrices(db: Query, chartHash: string, list: NewPriceList): Promise<void> {
  const categories = await readCategories(db, chartHash);
  if (!categories) throw badField('/chartHash', 'there is no such chart');
  const errors = priceErrors(list, categories);
  if (errors.length > 0) throw new Fault('badRequest', 'The prices do not fit.', { errors });
}

/** Of a chart; undefined when there is no such one. */
export async function readCategories(db: Query, chartHash: string): Promise<readonly string[] | undefined> {
  const row = await db.one<{ pack: Buffer }>('select pack from charts where hash = $1', [chartHash]);
  return row && openChart(row.pack, chartHash).chart.categories;
}

export function priceErrors(list: NewPriceList, categories: readonly string[]): FieldError[] {
  return [...categoryErrors(list, categories), ...typeErrors(list)];
}

function categoryErrors({ prices }: NewPriceList, categories: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
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
  return errors;
}

function typeErrors({ ticketTypes, prices }: NewPriceList): FieldError[] {
  const errors: FieldError[] = [];
  const ids = ticketTypes.map(({ id }) => id);
  ids.forEach((id, at) => {
    if (ids.indexOf(id) < at) errors.push({ pointer: `/ticketTypes/${at}/id`, detail: `${id} is there twice` });
  });
  const others = new Set(ids.slice(1));
  prices.forEach(({ amounts }, at) => {
    const pointer = `/prices/${at}/amounts`;
    for (const id of others) {
      if (!Object.hasOwn(amounts, id)) errors.push({ pointer, detail: `the ticket type ${id} has no price` });
    }
    for (const id of Object.keys(amounts)) {
      if (id === ids[0]) errors.push({ pointer, detail: `${id} is the first ticket type: its price is \`amount\`` });
      else if (!others.has(id)) errors.push({ pointer, detail: `there is no ticket type ${id}` });
    }
  });
  return errors;
}
