import { h } from '../../client-sdk/elements/dom.js';
import type { StaffEventView, StaffPerformerPage } from '../../protocol/admin.js';
import type { StaffApi } from './staff-api.js';
import { field, type ProblemLine } from './words.js';

type Performer = Pick<StaffEventView['performers'][number], 'id' | 'name'>;

/** Who performs, headliner first. A name that nobody has yet becomes a new performer. */
export interface LineUpField {
  readonly element: HTMLElement;
  fill(performers: readonly Performer[]): void;
  ids(): readonly string[];
}

/** @param genre of performers that are new. */
export function lineUpField(api: StaffApi, genre: () => string, trouble: ProblemLine): LineUpField {
  let chosen: readonly Performer[] = [];
  let known: readonly Performer[] = [];
  const list = h('ol', { class: 'line-up' });
  const options = h('datalist', { id: 'performers' });
  const name = h('input', { maxlength: 200, list: 'performers' });
  const small = (text: string, label: string, click: () => void) =>
    h('button', { class: 'link', type: 'button', 'aria-label': label, click }, text);

  function show(performers: readonly Performer[]): void {
    chosen = performers;
    list.replaceChildren(...chosen.map(item));
  }

  function item(performer: Performer, at: number): HTMLElement {
    const others = chosen.filter((other) => other !== performer);
    const up = () => show([...others.slice(0, at - 1), performer, ...others.slice(at - 1)]);
    return h(
      'li',
      {},
      performer.name,
      at > 0 && small('↑', `Move ${performer.name} up`, up),
      small('×', `Remove ${performer.name}`, () => show(others)),
    );
  }

  async function load(cursor?: string): Promise<void> {
    const next = cursor === undefined ? '' : `&cursor=${cursor}`;
    const page = await api.get<StaffPerformerPage>(`/performers?limit=200${next}`);
    if (!page.ok) return;
    known = [...known, ...page.body.items];
    if (page.body.nextCursor !== null) await load(page.body.nextCursor);
    else options.replaceChildren(...known.map((performer) => h('option', { value: performer.name })));
  }

  async function add(): Promise<void> {
    const wanted = name.value.trim();
    if (wanted === '') return;
    const found = known.find((performer) => performer.name === wanted) ?? (await create(wanted));
    if (!found) return;
    if (!chosen.some(({ id }) => id === found.id)) show([...chosen, found]);
    name.value = '';
  }

  async function create(wanted: string): Promise<Performer | undefined> {
    const made = await api.send<{ id: string }>('POST', '/performers', { name: wanted, genre: genre() });
    trouble.show(made);
    if (!made.ok) return undefined;
    const performer = { id: made.body.id, name: wanted };
    known = [...known, performer];
    return performer;
  }

  void load();
  const button = h('button', { class: 'button small quiet', type: 'button', click: () => void add() }, 'Add performer');
  return {
    element: h('div', { class: 'line-up-field' }, field('Line-up, known or new', name), options, button, list),
    fill: show,
    ids: () => chosen.map(({ id }) => id),
  };
}
