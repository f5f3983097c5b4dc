/** A time of Postgres as SQL for whole milliseconds since 1970. */
export function millis(column: string): string {
  return `floor(extract(epoch from ${column}) * 1000)::float8`;
}
