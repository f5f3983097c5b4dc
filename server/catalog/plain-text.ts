/**
 * Control characters, halves of surrogate pairs, line separators and the characters that turn the direction of
 * writing: they hide in a name and show another one.
 */
const treacherous = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Whether a text shows what it holds. Joiners stay: some scripts need them. */
export function isPlainText(text: string): boolean {
  return !treacherous.test(text);
}

/** Equal for texts that people would read as the same name: same Unicode characters, whatever their case. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
