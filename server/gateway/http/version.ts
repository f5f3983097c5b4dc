import { Fault } from '../../core/faults.js';
import type { Head, Headers } from './exchange.js';

/** Edits say which version they are of, so that of two people who edit the same thing at once the second is told. */
export function versionTag({ version }: { readonly version: number }): Headers {
  return { etag: `"${version}"` };
}

/** The version that the editor has read. @throws Fault `preconditionRequired`, `preconditionFailed` */
export function requiredVersion(head: Head): number {
  const condition = head.headers.get('if-match');
  if (condition === undefined) throw new Fault('preconditionRequired');
  const version = /^"([1-9][0-9]{0,9})"$/.exec(condition.trim())?.[1];
  // A tag of another form is of no version that ever was.
  if (version === undefined) throw new Fault('preconditionFailed');
  return Number(version);
}
