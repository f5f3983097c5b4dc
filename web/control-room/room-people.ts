import { h } from '../../client-sdk/elements/dom.js';
import type { RoomView } from '../../protocol/admin.js';
import type { EventDesk } from './event-page.js';
import { field, type ProblemLine } from './words.js';

/** Codes of a presale: only their number can be seen afterwards. */
export function codesForm(desk: EventDesk, path: string, trouble: ProblemLine): HTMLElement {
  const codes = h('textarea', { rows: 3, placeholder: 'one on each line' });
  const uses = h('input', { type: 'number', min: 1, value: '1' });

  async function add(): Promise<void> {
    const listed = codes.value.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    const result = await desk.api.send<{ added: number }>('POST', `${path}/codes`, {
      codes: listed,
      uses: Number(uses.value),
    });
    trouble.show(result);
    if (!result.ok) return;
    codes.value = '';
    codes.placeholder = `${result.body.added} added; they cannot be read again`;
  }

  return h(
    'div',
    { class: 'grid' },
    field('Codes of the presale', codes),
    field('People who may use each', uses),
    h('button', { type: 'button', class: 'button small quiet', click: () => void add() }, 'Add codes'),
  );
}

/** One person is let in before their turn, or taken out of the line. */
export function byHandForm(
  desk: EventDesk,
  path: string,
  trouble: ProblemLine,
  onChange: (room: RoomView) => void,
): HTMLElement {
  const place = h('input', { type: 'number', min: 1, placeholder: 'place' });

  async function act(verb: 'admit' | 'remove'): Promise<void> {
    const result = await desk.api.send<RoomView>('POST', `${path}/${verb}`, { place: Number(place.value) });
    trouble.show(result);
    if (!result.ok) return;
    place.value = '';
    onChange(result.body);
  }

  const button = (verb: 'admit' | 'remove', text: string) =>
    h('button', { type: 'button', class: 'button small quiet', click: () => void act(verb) }, text);
  return h(
    'div',
    { class: 'grid' },
    field('Somebody who waits, by their place', place),
    button('admit', 'Let in now'),
    button('remove', 'Take out of the line'),
  );
}
