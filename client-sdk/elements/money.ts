/** Minor units in words, without a fraction where there is none: `€80`, `€80.50`. */
export function formatMoney(amount: number, currency: string, locale?: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const value = amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
  return Number.isInteger(value)
    ? new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(value)
    : format.format(value);
}
