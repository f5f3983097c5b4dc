import { h } from '../../client-sdk/elements/dom.js';
import type { Refusal } from '../../client-sdk/result.js';
import type { FileErrors } from './staff-api.js';

/** What became of a file: every mistake with its place, or what was made of it. */
export interface FileReport<T> {
  readonly element: HTMLElement;
  show(result: { ok: true; body: T } | (Refusal & { errors: FileErrors })): void;
}

/** @param refused one sentence above the mistakes. */
export function fileReport<T>(refused: string, made: (body: T) => readonly HTMLElement[]): FileReport<T> {
  const element = h('div', { class: 'file-report', role: 'status' });
  return {
    element,
    show(result) {
      if (result.ok) element.replaceChildren(...made(result.body));
      else if (result.errors.length > 0) {
        element.replaceChildren(h('p', { class: 'form-problem' }, refused), findingList(result.errors));
      } else element.replaceChildren();
    },
  };
}

export function findingList(findings: FileErrors): HTMLElement {
  return h('ul', {}, ...findings.map(({ place, detail }) => h('li', {}, h('b', {}, place), ` ${detail}`)));
}
