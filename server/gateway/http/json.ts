import { Fault } from '../../core/faults.js';

/** Deeper than any request of ours; bounds what later code may recurse into. */
const MAX_DEPTH = 16;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * JSON of a client. Refuses what JSON.parse lets pass and other code trips over: bad UTF-8, depth, `__proto__`.
 * @throws Fault `badRequest`
 */
export function parseJson(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new Fault('badRequest', 'This is not JSON in UTF-8.');
  }
  inspect(value, 0);
  return value;
}

function inspect(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === MAX_DEPTH) throw new Fault('badRequest', 'This JSON is nested too deeply.');
  if (Object.hasOwn(value, '__proto__')) throw new Fault('badRequest', '__proto__ is not a name.');
  for (const item of Object.values(value)) inspect(item, depth + 1);
}
