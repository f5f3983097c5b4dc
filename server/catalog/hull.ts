/** The convex outline of points, `margin` away from them; x, y, x, y, …, clockwise on a screen. */
export function hullAround(points: readonly (readonly [number, number])[], margin: number): number[] {
  const corners = points.flatMap(([x, y]) =>
    [-margin, margin].flatMap((dx) => [-margin, margin].map((dy): [number, number] => [x + dx, y + dy])),
  );
  corners.sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  // Andrew's monotone chain: the lower half from left to right, then the upper half back.
  const lower = chain(corners);
  const upper = chain(corners.reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)].flat();
}

function chain(sorted: readonly [number, number][]): [number, number][] {
  const hull: [number, number][] = [];
  for (const point of sorted) {
    while (hull.length > 1 && !turnsRight(hull.at(-2), hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function turnsRight(a: [number, number] | undefined, b: [number, number] | undefined, c: [number, number]): boolean {
  if (!a || !b) return true;
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0;
}
