import type { Catalog, EventRecord, StoredChart } from '../catalog/catalog.js';
import { Fault } from '../core/faults.js';
import type { Session } from '../identity/identity.js';

/** An event that buyers may see. @throws Fault `notFound` */
export async function publicEvent(catalog: Pick<Catalog, 'event'>, id: string): Promise<EventRecord> {
  const event = await catalog.event(id);
  if (!event || event.status === 'draft') throw new Fault('notFound', 'There is no such event.');
  return event;
}

/** An event whose map this session may watch: staff see drafts too. @throws Fault `notFound` */
export async function watchableEvent(
  catalog: Pick<Catalog, 'event'>,
  { kind }: Pick<Session, 'kind'>,
  id: string,
): Promise<EventRecord> {
  return kind === 'staff' ? staffEvent(catalog, id) : publicEvent(catalog, id);
}

/** Drafts too. @throws Fault `notFound` */
export async function staffEvent(catalog: Pick<Catalog, 'event'>, id: string): Promise<EventRecord> {
  const event = await catalog.event(id);
  if (!event) throw new Fault('notFound', 'There is no such event.');
  return event;
}

/** The chart that the event pins. @throws Fault `notFound` */
export async function chartOf(catalog: Pick<Catalog, 'chart'>, event: EventRecord): Promise<StoredChart> {
  const chart = await catalog.chart(event.chartHash);
  if (!chart) throw new Fault('notFound', 'This event has no chart.');
  return chart;
}
