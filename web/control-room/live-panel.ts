import { type Cavea, createCavea } from '../../client-sdk/cavea.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { createMap, type SeatMap } from '../../client-sdk/map/map.js';
import { mapPalette } from '../../client-sdk/map/palette.js';
import type { StaffEventView } from '../../protocol/admin.js';
import { seatLabel } from '../../protocol/chart.js';
import type { SessionReply } from '../../protocol/http.js';
import { amountsOf } from '../../protocol/prices.js';
import { money } from '../storefront/format.js';
import { type BlockFields, blocksPanel } from './blocks-panel.js';
import type { EventDesk } from './event-page.js';
import { salePanel } from './sale-panel.js';
import { seatPanel } from './seat-panel.js';
import { createSelection } from './selection.js';
import { panel } from './words.js';

/** Drafts too: the session is one of staff, and the event is read by the admin API. */
function openAsStaff({ api, event }: EventDesk): Cavea {
  const { id } = event();
  return createCavea({
    url: location.origin,
    event: id,
    async getToken() {
      const made = await api.send<SessionReply>('POST', '/sessions');
      if (!made.ok) throw new Error(made.message);
      return made.body.token;
    },
    async getEvent() {
      const found = await api.get<StaffEventView>(`/events/${id}`);
      if (!found.ok) return found;
      const { status, ...rest } = found.body;
      return { ok: true, event: { ...rest, status: status === 'draft' ? 'announced' : status } };
    },
  });
}

/** The live map, what is chosen on it, and what can be done with that. */
export async function livePanel(desk: EventDesk, fields: BlockFields, onChartChange: () => void): Promise<View> {
  const event = desk.event();
  const shop = openAsStaff(desk);
  // Staff try again themselves; they see what is the matter at once.
  const opened = await shop.open({ onOutage: () => shop.close() });
  if (!opened.ok) {
    shop.close();
    return { element: panel('Seats', h('p', { class: 'form-problem' }, opened.message)) };
  }
  const { chart } = opened;
  shop.onChartChange(onChartChange);
  const selection = createSelection(chart);
  const labels = () => selection.seats().map((seat) => seatLabel(chart, seat));
  const canvas = h('div', {
    class: 'map-canvas',
    role: 'application',
    'aria-label': 'Seat map. Arrow keys move from seat to seat, Enter chooses, plus and minus zoom.',
  });
  const state = h('p', { class: 'map-state', role: 'status' });
  let map: SeatMap | undefined;
  let free = chart.seats;

  const showState = () => {
    const now = shop.seats.getSnapshot();
    const counted = now?.ready ? `${free} of ${chart.seats} free` : 'loading';
    state.textContent = `${counted} · ${now?.live ? 'live' : 'not live'}`;
  };
  shop.seats.subscribe(showState);

  const start = () => {
    map = createMap({
      container: canvas,
      seats: shop.seats,
      holds: selection,
      palette: mapPalette(event, chart),
      amounts: amountsOf(chart.categories, event.prices),
      formatPrice: (amount) => money(amount, event.currency),
      onSeat: (seat) => selection.toggle(seat),
      onArea: (area) => selection.toggleArea(area),
      onSummary(summary) {
        free = summary.free;
        showState();
      },
      onPoint() {},
    });
  };
  // The map measures itself, so it is made when its place is in the document.
  const starting = requestAnimationFrame(start);

  return {
    element: h(
      'div',
      { class: 'live' },
      h('div', { class: 'map-panel' }, canvas, state),
      h(
        'div',
        { class: 'side' },
        desk.mayRun && salePanel(desk, chart, selection),
        blocksPanel(desk, fields, selection, labels),
        seatPanel(desk, selection, labels),
      ),
    ),
    destroy() {
      cancelAnimationFrame(starting);
      map?.destroy();
      shop.close();
    },
  };
}
