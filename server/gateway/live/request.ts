import { type Up, upSchema } from '../../../protocol/up.js';
import { parseJson } from '../http/json.js';

/** What a client said: a valid frame, or a wrong one with an id, so that its sender can be told. */
export type Said = { readonly up: Up } | { readonly id: number; readonly detail: string };

/** Undefined when it cannot even be answered. */
export function readFrame(message: ArrayBuffer): Said | undefined {
  let value: unknown;
  try {
    value = parseJson(new Uint8Array(message));
  } catch {
    return undefined;
  }
  const parsed = upSchema.safeParse(value);
  if (parsed.success) return { up: parsed.data };
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > 2_147_483_647) return undefined;
  const [issue] = parsed.error.issues;
  return { id, detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`.slice(0, 200) };
}
