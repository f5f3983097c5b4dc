/** When it may be somebody's turn: [likely, nearly surely], ms from now. */
export function etaWords(etaMs: readonly [number, number]): string {
  const [likely, surely] = etaMs.map((ms) => Math.max(1, Math.ceil(ms / 60_000)));
  return likely === surely ? `About ${likely} min.` : `About ${likely} to ${surely} min.`;
}
