/** What a bench measured, against what DESIGN asks of it. */
export type Figures = Readonly<Record<string, number>>;

export interface Target {
  readonly figure: string;
  readonly op: '>=' | '<=' | '=';
  readonly value: number;
}

export interface Report {
  readonly name: string;
  /** No invariant broke and every figure is there. A target that was missed is only reported. */
  readonly ok: boolean;
  readonly figures: Figures;
  readonly targets: readonly (Target & { readonly met: boolean })[];
}

/** A report as it is kept. */
export interface Saved extends Report {
  readonly about: string;
  /** The day, and what it was measured on. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
}

/** @param invariants figures that must be exactly so; anything else makes the whole measurement worthless. */
export function report(
  name: string,
  figures: Figures,
  targets: readonly Target[],
  invariants: Figures,
): { report: Report; broken: string[] } {
  const broken: string[] = [];
  for (const { figure } of targets) if (!isFigure(figures[figure])) broken.push(`${figure} is missing`);
  for (const [figure, value] of Object.entries(invariants)) {
    if (figures[figure] !== value) broken.push(`${figure} is ${figures[figure]}, not ${value}`);
  }
  const judged = targets.map((target) => ({ ...target, met: isMet(figures[target.figure], target) }));
  return { report: { name, ok: broken.length === 0, figures, targets: judged }, broken };
}

function isFigure(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

function isMet(value: number | undefined, { op, value: wanted }: Target): boolean {
  if (!isFigure(value)) return false;
  if (op === '=') return value === wanted;
  return op === '>=' ? value >= wanted : value <= wanted;
}

export function print({ name, figures, targets }: Report): void {
  console.log(`\n${name}`);
  for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure.padEnd(28)} ${round(value)}`);
  for (const { figure, op, value, met } of targets)
    console.log(`  ${met ? 'met   ' : 'MISSED'} ${figure} ${op} ${value}`);
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
