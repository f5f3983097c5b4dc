/** Texts as they are compared: lower case, without accents, in words. */
export function wordsOf(text: string): string[] {
  return (
    (
      text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        // What NFKD leaves whole, as people type it.
        .replace(/ß/g, 'ss')
        .replace(/[øłđæœ]/g, (letter) => plain[letter] ?? letter)
        // An apostrophe joins: “don’t” is one word.
        .replace(/['’]/g, '')
        .match(/[\p{L}\p{N}]+/gu) ?? []
    ).map((word) => word.slice(0, mostLetters))
  );
}

const plain: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe' };
const mostLetters = 40;

/** How many letters may be wrong in a word of this length. */
export function mistakesAllowed(word: string): 0 | 1 | 2 {
  if (word.length >= 8) return 2;
  return word.length >= 4 ? 1 : 0;
}

/**
 * Letters that have to be added, left out, changed or swapped with their neighbour to come from one to the other; more
 * than `most` is `most + 1`. (Optimal string alignment, a Damerau-Levenshtein distance.)
 */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      next.push(least);
    }
    if (Math.min(...next) > most) return most + 1;
    [before, row] = [row, next];
  }
  return row[b.length] ?? most + 1;
}
