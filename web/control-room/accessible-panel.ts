import { h } from '../../client-sdk/elements/dom.js';
import type { EventDesk } from './event-page.js';
import { field, panel, problemLine } from './words.js';

/** Wheelchair spaces and companion seats: where everybody may have them, and the way to open more. */
export function accessiblePanel(desk: EventDesk): HTMLElement {
  const trouble = problemLine();
  const state = h('p', { class: 'faint' });
  const scope = h('select', {});
  const reason = h('input', { maxlength: 200, required: true });
  const form = h(
    'form',
    { class: 'grid', submit: (event) => void release(event) },
    field('Open to everybody', scope),
    field('Why', reason),
    trouble.element,
    h('button', { class: 'button small' }, 'Release for good'),
  );

  function show(): void {
    const { accessibleReleased: open, prices } = desk.event();
    const names = (keys: readonly string[], what: string) => keys.map((key) => `${what} ${key}`);
    const parts = [...names(open.sections, 'section'), ...names(open.categories, 'price')];
    state.textContent = open.all
      ? 'Open to everybody.'
      : `Kept for parties that need them${parts.length > 0 ? `, but not in ${parts.join(', ')}` : ''}.`;
    form.hidden = open.all;
    const chosen = scope.value;
    scope.replaceChildren(
      h('option', { value: '' }, 'everywhere'),
      ...prices
        .filter(({ category }) => !open.categories.includes(category))
        .map(({ category, name }) => h('option', { value: category }, `of the price ${name}`)),
    );
    scope.value = chosen;
  }

  async function release(event: Event): Promise<void> {
    event.preventDefault();
    const part = scope.value === '' ? { scope: 'all' } : { scope: 'category', key: scope.value };
    const path = `/events/${desk.event().id}/accessible-releases`;
    const result = await desk.api.send('POST', path, { ...part, reason: reason.value });
    trouble.show(result);
    if (!result.ok) return;
    reason.value = '';
    await desk.refresh();
  }

  show();
  desk.onRefresh(show);
  return panel('Wheelchair spaces', state, form);
}
