/** The convex outline of points, `margin` away from them; x, y, x, y, …, clockwise on a screen. */
export function hullAround(points: readonly (readonly [number, number])[], margin: number): number[] {
  // Only points on the outline itself have corners on the wider one.
  const corners = hullOf(points).flatMap(([x, y]) =>
    [-margin, margin].flatMap((dx) => [-margin, margin].map((dy): [number, number] => [x + dx, y + dy])),
  );
  return hullOf(corners).flat();
}

/** Andrew's monotone chain: the lower half from left to right, then the upper half back. */
function hullOf(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  if (points.length < 3) return [...points];
  const sorted = points.toSorted(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const lower = chain(sorted);
  const upper = chain(sorted.reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}

function chain(sorted: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const hull: (readonly [number, number])[] = [];
  for (const point of sorted) {
    while (hull.length > 1 && !turnsRight(hull.at(-2), hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

type Maybe = readonly [number, number] | undefined;

function turnsRight(a: Maybe, b: Maybe, c: readonly [number, number]): boolean {
  if (!a || !b) return true;
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0;
}
