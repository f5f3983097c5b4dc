import { h, redraw } from '../../client-sdk/elements/dom.js';
import type { BlockPage, BlockView } from '../../protocol/admin.js';
import type { EventDesk } from './event-page.js';
import type { Selection } from './selection.js';
import { fromLocal, shownTime } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

/** What staff type about the next block. It outlives the panel, which is made anew with each chart. */
export interface BlockFields {
  readonly reason: HTMLInputElement;
  readonly until: HTMLInputElement;
}

export function blockFields(): BlockFields {
  return {
    reason: h('input', { name: 'reason', maxlength: 200, required: true, placeholder: 'Sound desk' }),
    until: h('input', { name: 'until', type: 'datetime-local' }),
  };
}

/** Takes the chosen seats off sale, gives them back, and lists what is blocked. */
export function blocksPanel(
  desk: EventDesk,
  { reason, until }: BlockFields,
  selection: Selection,
  labels: () => string[],
): HTMLElement {
  const { api } = desk;
  const { id, venue } = desk.event();
  const trouble = problemLine();
  const chosen = h('p', { class: 'chosen' });
  const list = h('ul', { class: 'blocks' });
  const small = (text: string, click: () => void) =>
    h('button', { class: 'button small quiet', type: 'button', click }, text);

  function showChosen(): void {
    const seats = labels();
    const shown = seats.slice(0, 6).join(', ');
    const more = seats.length > 6 ? ` and ${seats.length - 6} more` : '';
    chosen.textContent = seats.length === 0 ? 'Choose seats on the map.' : `${seats.length}: ${shown}${more}`;
  }

  async function load(): Promise<void> {
    const page = await api.get<BlockPage>(`/events/${id}/blocks?limit=20`);
    if (page.ok) redraw(list, ...page.body.items.map(item));
  }

  function item(block: BlockView): HTMLElement {
    const ends = block.releaseAt === undefined ? '' : ` until ${shownTime(block.releaseAt, venue.timeZone)}`;
    return h(
      'li',
      {},
      h('b', {}, block.reason),
      ` ${block.seats.length} ${block.seats.length === 1 ? 'seat' : 'seats'}${ends}, ${block.staff.name}`,
      desk.mayRun && small('End', () => void done(api.send('DELETE', `/events/${id}/blocks/${block.id}`))),
    );
  }

  async function done(act: ReturnType<typeof api.send>): Promise<void> {
    const result = await act;
    trouble.show(result);
    if (result.ok) selection.clear();
    await Promise.all([load(), desk.refresh()]);
  }

  function block(event: Event): void {
    event.preventDefault();
    const releaseAt = fromLocal(until.value, venue.timeZone);
    const body = { seats: labels(), reason: reason.value, ...(releaseAt === undefined ? {} : { releaseAt }) };
    void done(api.send('POST', `/events/${id}/blocks`, body));
  }

  selection.subscribe(showChosen);
  showChosen();
  void load();
  return panel(
    'Blocks',
    chosen,
    h(
      'div',
      { class: 'actions' },
      small('Whole rows', () => selection.widen('row')),
      small('Whole sections', () => selection.widen('section')),
      small('Clear', () => selection.clear()),
    ),
    desk.mayRun &&
      h(
        'form',
        { submit: block },
        field('Reason', reason),
        field('Back on sale at (may be empty)', until),
        h(
          'div',
          { class: 'actions' },
          h('button', { class: 'button small' }, 'Block'),
          small('Unblock', () => void done(api.send('POST', `/events/${id}/unblock`, { seats: labels() }))),
        ),
      ),
    trouble.element,
    list,
  );
}
