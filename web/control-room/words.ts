import { h } from '../../client-sdk/elements/dom.js';
import type { Refusal } from '../../client-sdk/result.js';

/** A line that says what went wrong, and is gone after the next success. */
export interface ProblemLine {
  readonly element: HTMLElement;
  show(result: { readonly ok: true } | Refusal): void;
  say(text: string): void;
}

export function problemLine(): ProblemLine {
  const element = h('p', { class: 'form-problem', role: 'alert', hidden: true });
  const say = (text: string) => {
    element.textContent = text;
    element.hidden = text === '';
  };
  return { element, say, show: (result) => say(result.ok ? '' : result.message) };
}

/** A labelled field of a form. */
export function field(label: string, input: HTMLElement): HTMLElement {
  return h('label', {}, label, input);
}

/** A part of a page with a heading. */
export function panel(title: string, ...children: readonly (Node | undefined | false)[]): HTMLElement {
  return h('section', { class: 'card' }, h('h2', {}, title), ...children);
}
