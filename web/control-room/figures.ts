/** Figures in Prometheus' text format, and how fast counters grow between two readings. */
export interface Figures {
  /** Over all labels, or those that match; 0 when there is none. */
  sum(name: string, labels?: RegExp): number;
  /** Undefined at the first reading. */
  perSecond(name: string, labels?: RegExp): number | undefined;
}

interface Reading {
  readonly at: number;
  readonly lines: readonly { readonly name: string; readonly labels: string; readonly value: number }[];
}

export function createFigures(): { read(text: string, nowMs: number): Figures } {
  let before: Reading | undefined;
  return {
    read(text, nowMs) {
      const last = before;
      const now: Reading = { at: nowMs, lines: parse(text) };
      before = now;
      return {
        sum: (name, labels) => sumOf(now, name, labels),
        perSecond(name, labels) {
          if (!last) return undefined;
          // A process that has begun anew counts from nothing.
          const grown = Math.max(0, sumOf(now, name, labels) - sumOf(last, name, labels));
          return (grown * 1_000) / Math.max(1, now.at - last.at);
        },
      };
    },
  };
}

function sumOf({ lines }: Reading, name: string, labels = /(?:)/): number {
  return lines
    .filter((line) => line.name === `cavea_${name}` && labels.test(line.labels))
    .reduce((sum, { value }) => sum + value, 0);
}

function parse(text: string): Reading['lines'] {
  return [...text.matchAll(/^([a-z_]+)(?:\{([^}]*)\})? (\S+)/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }));
}
