import { h } from '../../client-sdk/elements/dom.js';
import type { StaffEventView } from '../../protocol/admin.js';
import type { Desk } from './sign-in.js';
import type { ProblemLine } from './words.js';

const names: Readonly<Record<StaffEventView['status'], string>> = {
  draft: 'Draft',
  announced: 'Announced',
  onSale: 'On sale',
  paused: 'Paused',
  cancelled: 'Cancelled',
  past: 'Past',
};

const verbNames: Readonly<Record<string, string>> = {
  announce: 'Announce',
  open: 'Open sale',
  pause: 'Pause',
  resume: 'Resume',
  end: 'End sale',
};

/** What cannot be taken back is asked twice. */
const final: Readonly<Record<string, string>> = {
  end: 'End the sale for good? It cannot be opened again.',
};

export function statusBadge({ status, settled }: StaffEventView): HTMLElement {
  const pending = settled ? undefined : h('small', { title: 'The seat engine has yet to be told' }, 'taking effect…');
  return h('span', { class: 'status', 'data-status': status }, names[status], pending);
}

/** A button for each step that the status allows; calling off has a panel of its own. */
export function verbButtons(
  desk: Desk,
  event: StaffEventView,
  trouble: ProblemLine,
  onChange: (event: StaffEventView) => void,
): HTMLElement[] {
  if (!desk.mayRun) return [];
  async function act(verb: string): Promise<void> {
    const question = final[verb];
    if (question && !confirm(question)) return;
    const result = await desk.api.send<StaffEventView>('POST', `/events/${event.id}/${verb}`);
    trouble.show(result);
    if (result.ok) onChange(result.body);
  }
  return event.verbs
    .filter((verb) => verb in verbNames)
    .map((verb) =>
      h(
        'button',
        { class: final[verb] ? 'button small quiet' : 'button small', type: 'button', click: () => void act(verb) },
        verbNames[verb],
      ),
    );
}
