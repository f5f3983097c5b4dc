import { type Child, h } from '../../client-sdk/elements/dom.js';

/** The whole page says that something did not work. */
export function troubleView(title: string, text: string, ...actions: readonly Child[]): HTMLElement {
  return h(
    'main',
    { class: 'trouble', id: 'content' },
    h('h1', {}, title),
    h('p', {}, text),
    h('p', { class: 'trouble-actions' }, ...actions, h('a', { class: 'button quiet', href: '/' }, 'See all events')),
  );
}

/** While nothing can be asked: the page says so, and goes on by itself as soon as there is an answer. */
export function outageView(): HTMLElement {
  return troubleView(
    'The box office does not answer',
    'This page keeps asking, and goes on by itself as soon as there is an answer. What you have is not lost.',
  );
}
