/** The seed of this run: CAVEA_TEST_SEED, or a new one. Whoever uses it prints it. */
export function seedOfRun(): number {
  return Number(process.env.CAVEA_TEST_SEED ?? Math.floor(performance.timeOrigin) % 1_000_000);
}
