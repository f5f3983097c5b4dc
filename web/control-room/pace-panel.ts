import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { Pace } from '../../protocol/admin.js';
import { bars } from './bars.js';
import type { EventDesk } from './event-page.js';
import { panel } from './words.js';

const refreshMs = 5_000;

type Curve = 'called' | 'begun' | 'seats';
const curves: Readonly<Record<Curve, string>> = {
  called: 'people called',
  begun: 'payments begun',
  seats: 'tickets sold',
};

/** The last hour of the sale, minute by minute, and how much of what is begun is bought. */
export async function pacePanel(desk: EventDesk): Promise<View> {
  const figures = h('p', { class: 'faint' });
  const rows = h('div', { class: 'pace' });

  async function load(): Promise<void> {
    const pace = await desk.api.get<Pace>(`/events/${desk.event().id}/pace`);
    if (!pace.ok) return;
    const { items } = pace.body;
    const sum = (of: keyof Pace['items'][number]) => items.reduce((total, minute) => total + minute[of], 0);
    const [called, begun, bought] = [sum('called'), sum('begun'), sum('bought')];
    const share = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`);
    figures.textContent = `${share(bought, begun)} of payments begun were completed, ${share(bought, called)} of those called bought.`;
    rows.replaceChildren(
      ...(Object.keys(curves) as Curve[]).map((name) =>
        bars(
          curves[name],
          items.map((minute) => minute[name]),
        ),
      ),
    );
  }

  await load();
  const timer = browserClock.every(refreshMs, () => void load());
  return { element: panel('The last hour', figures, rows), destroy: () => timer.cancel() };
}
