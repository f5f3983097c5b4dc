import type { ArcRowSource, RowSource } from './chart-source.js';

/** The numbers printed on a row's seats, one per seat; undefined when the numbering cannot make that many. */
export function rowNumbers(row: RowSource): readonly string[] | undefined {
  return row.type === 'seats' ? row.seats.map(({ number }) => number) : countedNumbers(row);
}

function countedNumbers({ count, numbering }: ArcRowSource): readonly string[] | undefined {
  const letters = numbering?.scheme === 'letters';
  const start = numbering?.start ?? 1;
  if (letters !== (typeof start === 'string')) return undefined;
  const step = numbering?.step ?? 1;
  const omitted = new Set(numbering?.omit);
  const numbers: string[] = [];
  for (let value = typeof start === 'string' ? lettersToNumber(start) : start; numbers.length < count; value += step) {
    if (value < (letters ? 1 : 0)) return undefined;
    const number = letters ? numberToLetters(value) : String(value);
    if (!omitted.has(number)) numbers.push(number);
  }
  return numbers;
}

/** A is 1, Z is 26, AA is 27. */
function lettersToNumber(letters: string): number {
  return [...letters].reduce((value, letter) => value * 26 + letter.charCodeAt(0) - 64, 0);
}

export function numberToLetters(value: number): string {
  let letters = '';
  for (let rest = value; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}
