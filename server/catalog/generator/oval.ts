/**
 * The plan of a bowl: eight arcs that meet smoothly, two for each side (top and bottom), end (left and right) and
 * four for the corners. Rows further out are the same arcs with larger radii. Angles in degrees, clockwise from right.
 */
export interface Arc {
  readonly part: 'side' | 'end' | 'corner';
  readonly centre: readonly [number, number];
  /** Of the innermost row, cm. */
  readonly radius: number;
  readonly from: number;
  readonly to: number;
}

export interface OvalPlan {
  /** Half the angle that an arc of the top and bottom spans, and its radius. */
  readonly side: { readonly halfAngle: number; readonly radius: number };
  readonly end: { readonly halfAngle: number; readonly radius: number };
  readonly cornerRadius: number;
}

/** Clockwise from the middle of the left end; the middle of the oval is at 0, 0. */
export function ovalArcs({ side, end, cornerRadius }: OvalPlan): readonly Arc[] {
  // Neighbouring arcs touch where their centres and the meeting point lie on one line.
  const cornerX = (side.radius - cornerRadius) * sin(side.halfAngle);
  const cornerY = (end.radius - cornerRadius) * sin(end.halfAngle);
  const sideY = (side.radius - cornerRadius) * cos(side.halfAngle) - cornerY;
  const endX = (end.radius - cornerRadius) * cos(end.halfAngle) - cornerX;
  const arc = (part: Arc['part'], x: number, y: number, from: number, to: number): Arc => {
    const radius = { side: side.radius, end: end.radius, corner: cornerRadius }[part];
    return { part, centre: [x, y], radius, from, to };
  };
  const [a, b] = [side.halfAngle, end.halfAngle];
  return [
    arc('end', endX, 0, 180 - b, 180 + b),
    arc('corner', -cornerX, -cornerY, 180 + b, 270 - a),
    arc('side', 0, sideY, 270 - a, 270 + a),
    arc('corner', cornerX, -cornerY, 270 + a, 360 - b),
    arc('end', -endX, 0, 360 - b, 360 + b),
    arc('corner', cornerX, cornerY, 360 + b, 450 - a),
    arc('side', 0, -sideY, 450 - a, 450 + a),
    arc('corner', -cornerX, cornerY, 450 + a, 540 - b),
  ];
}

/** A piece of an arc, `fromEdge` pieces away from the nearer end of it: the same on both sides of the oval. */
export interface ArcPiece extends Arc {
  readonly fromEdge: number;
}

export function splitArc(arc: Arc, parts: number): readonly ArcPiece[] {
  const step = (arc.to - arc.from) / parts;
  return Array.from({ length: parts }, (_, at) => ({
    ...arc,
    from: arc.from + at * step,
    to: arc.from + (at + 1) * step,
    fromEdge: Math.min(at, parts - 1 - at),
  }));
}

/** Points on a circle from one angle to another, close enough together to look round. */
export function arcPoints(
  centre: readonly [number, number],
  radius: number,
  from: number,
  to: number,
): readonly [number, number][] {
  const steps = Math.max(1, Math.ceil(Math.abs(to - from) / 4));
  return Array.from({ length: steps + 1 }, (_, at) => {
    const angle = from + ((to - from) * at) / steps;
    return onCircle(centre, radius, angle);
  });
}

export function onCircle(centre: readonly [number, number], radius: number, angle: number): [number, number] {
  return [Math.round(centre[0] + radius * cos(angle)), Math.round(centre[1] + radius * sin(angle))];
}

export function sin(degrees: number): number {
  return Math.sin((degrees / 180) * Math.PI);
}

export function cos(degrees: number): number {
  return Math.cos((degrees / 180) * Math.PI);
}
