/** Money as people write it, and as the server counts it. */
export function toMajor(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** Minor units; NaN for what is no amount, which the server refuses with its place. */
export function fromMajor(text: string, currency: string): number {
  return Math.round(Number(text.trim().replace(',', '.')) * 10 ** digitsOf(currency));
}

function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
