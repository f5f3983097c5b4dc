import type { Refusal } from '../result.js';
import { words } from './words.js';

export function inWords(refusal: Refusal): string {
  return words().refusals[refusal.reason] ?? refusal.message;
}
