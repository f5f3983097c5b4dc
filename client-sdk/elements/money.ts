/** Minor units in words, without a fraction where there is none: `€80`, `€80.50`. */
export function formatMoney(amount: number, currency: string, locale?: string): string {
  const { exact, whole, units } = formatsOf(currency, locale);
  const value = amount / units;
  return (Number.isInteger(value) ? whole : exact).format(value);
}

interface Formats {
  readonly exact: Intl.NumberFormat;
  readonly whole: Intl.NumberFormat;
  /** Minor units in a major one. */
  readonly units: number;
}

/** To make one takes a thousand times as long as to use it. */
const formats = new Map<string, Formats>();

function formatsOf(currency: string, locale: string | undefined): Formats {
  const key = `${currency} ${locale}`;
  const known = formats.get(key);
  if (known) return known;
  const exact = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const whole = new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 });
  const made = { exact, whole, units: 10 ** (exact.resolvedOptions().maximumFractionDigits ?? 2) };
  formats.set(key, made);
  return made;
}
