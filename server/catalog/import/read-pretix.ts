import type { z } from 'zod';
import { limits } from '../../../protocol/limits.js';
import { folded } from '../plain-text.js';
import type { Draft, DraftSeat, Point } from './draft.js';
import { median, stepsOf } from './order-row.js';
import { type DrawnShape, isStageText, shapeOf, textOf } from './pretix-areas.js';
import { attributesOf, type PretixPlan, type PretixPosition, pretixSchema } from './pretix-schema.js';
import { pointerOf } from './read-json.js';
import type { Report } from './report.js';

/** pretix draws in units of its own: the scale makes neighbours sit this far apart, cm. */
const seatPitch = 55;
/** When no row has two seats: a seat's radius of 10 units is about 25 cm. */
const usualScale = 2.5;
/** Less than the 327 m of a chart, for shapes round the seats. */
const largestDrawing = 30_000;
const maxShapes = 64;

/** A pretix seating plan. Undefined when something is reported that keeps it from being read. */
export function readPretix(value: unknown, report: Report): Draft | undefined {
  const plan = parsePlan(value, report);
  if (!plan) return undefined;
  const count = plan.zones.reduce((sum, { rows }) => rows.reduce((of, { seats }) => of + seats.length, sum), 0);
  if (count > limits.chartSeats) {
    report.error({ pointer: '/zones' }, `${count} seats are more than the ${limits.chartSeats} that a chart can have`);
    return undefined;
  }
  checkReferences(plan, report);
  const { seats, titles } = readSeats(plan);
  const shapes = readShapes(plan, report);
  const scale = scaleOf(plan, seats);
  const scaled = ([x, y]: Point): Point => [Math.round(x * scale), Math.round(y * scale)];
  const focal = focalOf(plan, shapes);
  return {
    name: plan.name.slice(0, 80),
    seats: seats.map((seat) => ({ ...seat, at: seat.at && scaled(seat.at) })),
    titles,
    categories: plan.categories.map(({ name }) => name),
    focal: focal && scaled(focal),
    shapes: shapes.slice(0, maxShapes).map((shape) => ({ ...shape, outline: shape.outline.map(scaled) })),
    placeIn: ({ place }) => place,
  };
}

/** The plan without the fields that the format does not have; each kind of these is reported once. */
function parsePlan(value: unknown, report: Report): PretixPlan | undefined {
  const parsed = pretixSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  reportUnknown(unknown, report);
  for (const { code, path, message } of parsed.error.issues) {
    if (code !== 'unrecognized_keys') report.error({ pointer: pointerOf(path) }, message);
  }
  if (report.failed) return undefined;
  for (const { path, keys } of unknown) {
    let at = value;
    for (const step of path) at = Reflect.get(Object(at), step);
    for (const key of keys) Reflect.deleteProperty(Object(at), key);
  }
  return pretixSchema.parse(value);
}

function reportUnknown(issues: readonly z.core.$ZodIssueUnrecognizedKeys[], report: Report): void {
  const kinds = new Map<string, { pointer: string; key: string; times: number }>();
  for (const { path, keys } of issues) {
    for (const key of keys) {
      const kind = pointerOf([...path.map((step) => (typeof step === 'number' ? '*' : step)), key]);
      const known = kinds.get(kind);
      if (known) known.times++;
      else kinds.set(kind, { pointer: pointerOf([...path, key]), key, times: 1 });
    }
  }
  for (const { pointer, key, times } of kinds.values()) {
    const often = times > 1 ? `, here and ${times - 1} times more` : '';
    report.warn({ pointer }, `the field ${JSON.stringify(key.slice(0, 40))} is not known and left out${often}`);
  }
}

function checkReferences({ categories, zones }: PretixPlan, report: Report): void {
  const known = new Set<string>();
  categories.forEach(({ name }, at) => {
    if (known.has(name)) report.error({ pointer: `/categories/${at}/name` }, `the category ${name} is listed twice`);
    known.add(name);
  });
  const guids = new Map<string, string>();
  zones.forEach(({ rows }, zone) => {
    rows.forEach(({ seats }, row) => {
      seats.forEach(({ seat_guid, category }, at) => {
        const pointer = `/zones/${zone}/rows/${row}/seats/${at}`;
        const twin = guids.get(seat_guid);
        if (twin !== undefined) report.error({ pointer: `${pointer}/seat_guid` }, `${twin} has the same seat_guid`);
        else guids.set(seat_guid, pointer);
        if (!known.has(category)) report.error({ pointer: `${pointer}/category` }, `there is no category ${category}`);
      });
    });
  });
}

function readSeats({ zones }: PretixPlan): { seats: DraftSeat[]; titles: Map<string, string> } {
  const titles = new Map<string, string>();
  const taken = new Set<string>();
  const seats = zones.flatMap((zone, zoneAt) => {
    const title = zone.name?.trim() || zone.zone_id?.trim() || `Zone ${zoneAt + 1}`;
    const section = sectionOf(title, taken);
    titles.set(section, title.slice(0, 80));
    return zone.rows.flatMap((row, rowAt) =>
      row.seats.map(
        (seat, seatAt): DraftSeat => ({
          section,
          row: row.row_number || row.row_label?.trim() || String(rowAt + 1),
          number: seat.seat_number || String(seatAt + 1),
          category: seat.category,
          attributes: attributesOf(seat),
          at: sum(zone.position, row.position, seat.position),
          place: { pointer: `/zones/${zoneAt}/rows/${rowAt}/seats/${seatAt}` },
        }),
      ),
    );
  });
  return { seats, titles };
}

/** Zones are sections, also when two have one name: the second then gets a number. */
function sectionOf(title: string, taken: Set<string>): string {
  let section = title;
  for (let number = 2; taken.has(folded(section)); number++) section = `${title} ${number}`;
  taken.add(folded(section));
  return section;
}

function sum(zone: PretixPosition, row: PretixPosition | null | undefined, seat: PretixPosition): Point {
  return [zone.x + (row?.x ?? 0) + seat.x, zone.y + (row?.y ?? 0) + seat.y];
}

function scaleOf({ zones }: PretixPlan, seats: readonly DraftSeat[]): number {
  const rows = zones.flatMap((zone) =>
    zone.rows.map((row) => row.seats.map(({ position }) => ({ at: pointOf(position) }))),
  );
  const steps = rows.flatMap(stepsOf).filter((step) => step > 0);
  const wanted = steps.length > 0 ? seatPitch / median(steps) : usualScale;
  return Math.min(wanted, largestDrawing / extentOf(seats));
}

function extentOf(seats: readonly DraftSeat[]): number {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { at } of seats) {
    if (!at) continue;
    [left, right] = [Math.min(left, at[0]), Math.max(right, at[0])];
    [top, bottom] = [Math.min(top, at[1]), Math.max(bottom, at[1])];
  }
  return Math.max(1, right - left, bottom - top);
}

function pointOf({ x, y }: PretixPosition): Point {
  return [x, y];
}

function readShapes({ zones }: PretixPlan, report: Report): DrawnShape[] {
  const shapes: DrawnShape[] = [];
  zones.forEach(({ areas, position }, zone) => {
    areas?.forEach((area, at) => {
      const place = { pointer: `/zones/${zone}/areas/${at}` };
      const shape = shapeOf(area, position);
      if (!shape) report.warn(place, `the text “${textOf(area)}” has no shape of its own and is left out`);
      else if (shapes.push(shape) > maxShapes) report.warn(place, `only ${maxShapes} shapes are drawn`);
    });
  });
  return shapes;
}

/** The middle of the first stage or field, or the place of a text that names a stage. */
function focalOf({ zones }: PretixPlan, shapes: readonly DrawnShape[]): Point | undefined {
  const shape = shapes.find(({ kind }) => kind === 'stage') ?? shapes.find(({ kind }) => kind === 'field');
  if (shape) {
    const total = shape.outline.reduce(([x, y], [dx, dy]): Point => [x + dx, y + dy], [0, 0]);
    return [total[0] / shape.outline.length, total[1] / shape.outline.length];
  }
  for (const { areas, position } of zones) {
    const area = areas?.find(isStageText);
    if (area) return sum(position, area.position, area.text?.position ?? { x: 0, y: 0 });
  }
  return undefined;
}
