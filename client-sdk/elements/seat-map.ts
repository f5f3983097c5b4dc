import { seatLabel } from '../../protocol/chart.js';
import { amountsOf } from '../../protocol/prices.js';
import { Status } from '../../protocol/status.js';
import { createMap, type SeatMap, type Target } from '../map/map.js';
import { mapPalette } from '../map/palette.js';
import type { Refusal } from '../result.js';
import { h } from './dom.js';
import { formatMoney } from './money.js';
import { inWords } from './refusal-words.js';
import { seatName } from './seat-name.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop, Opened } from './shops.js';

/**
 * The live map. A click or Enter holds a free seat, and lets an own one go. Give it a height.
 *
 * @tagname seat-map
 * @attr server - origin of the server; the page's own by default
 * @attr key - publishable key, `pk_…`
 * @attr event - id of the event, `evt_…`
 * @fires cavea-open - {event, chart}: the map is there
 * @fires cavea-choose - {seat, label} before a seat is held or let go; `preventDefault` keeps it as it is
 * @fires cavea-held - {hold}
 * @fires cavea-refused - {refusal}
 * @csspart map
 * @csspart zoom
 * @csspart state
 */
export class SeatMapElement extends ShopElement {
  /** Seats that may be chosen; all by default. */
  isSelectable: (label: string) => boolean = () => true;
  #map: SeatMap | undefined;

  /** Undefined until the event is open. */
  get map(): SeatMap | undefined {
    return this.#map;
  }

  protected begin(shop: ElementShop): readonly (() => void)[] {
    const canvas = h('div', {
      class: 'map',
      part: 'map',
      role: 'application',
      'aria-label': 'Seat map. Arrow keys move from seat to seat, Enter holds or releases, plus and minus zoom.',
    });
    const state = h('p', { part: 'state', role: 'status' }, 'Loading…');
    const said = h('p', { class: 'said', 'aria-live': 'polite' });
    const button = (name: string, sign: string, click: () => void) =>
      h('button', { type: 'button', class: 'quiet', 'aria-label': name, title: name, click }, sign);
    const zoom = h(
      'div',
      { class: 'zoom', part: 'zoom' },
      button('Zoom in', '+', () => this.#map?.zoom(1.6)),
      button('Zoom out', '−', () => this.#map?.zoom(1 / 1.6)),
      button('Show the whole map', '⤢', () => this.#map?.fit()),
    );
    this.root.replaceChildren(h('div', { class: 'map' }, canvas, zoom), state, said);
    const say = (text: string) => {
      said.textContent = text;
    };

    const showState = (opened: Opened, free: number) => {
      const now = shop.cavea.seats.getSnapshot();
      const counted = `${free} of ${opened.chart.seats} free`;
      state.textContent = !now?.ready ? 'Loading…' : now.live ? counted : `${counted} · not live at the moment`;
    };
    let opened: Opened | undefined;
    let stopPrices = () => {};
    const start = () => {
      if (!opened || this.#map || !shop.cavea.seats.getSnapshot()) return;
      const now = opened;
      const map = this.#createMap(shop, now, canvas, say, (free) => showState(now, free));
      stopPrices = now.lists.latest.subscribe(() => map.setAmounts(amounts(now)));
      this.#map = map;
      this.tell('open', { event: now.event, chart: now.chart });
    };
    const stopOpening = this.whenOpen(
      shop,
      (now) => {
        opened = now;
        start();
      },
      (now) => {
        if (now.name === 'refused') state.textContent = inWords(now.refusal);
        else if (now.name === 'opening' && now.trouble)
          state.textContent = 'The box office does not answer. It is asked again.';
      },
    );
    const stopSeats = shop.cavea.seats.subscribe(start);
    return [
      stopOpening,
      stopSeats,
      () => {
        stopPrices();
        this.#map?.destroy();
        this.#map = undefined;
      },
    ];
  }

  #createMap(
    shop: ElementShop,
    opened: Opened,
    container: HTMLElement,
    say: (text: string) => void,
    onFree: (free: number) => void,
  ): SeatMap {
    const { event, chart } = opened;
    const { seats, holds } = shop.cavea;
    const name = (seat: number) => seatName(seatLabel(chart, seat));
    const refused = (refusal: Refusal) => {
      say(inWords(refusal));
      this.tell('refused', { refusal });
    };

    const toggle = async (seat: number) => {
      const label = seatLabel(chart, seat);
      if (!this.isSelectable(label) || !this.tell('choose', { seat, label })) return;
      const own = holds.getSnapshot().holds.find((hold) => hold.seats.includes(seat));
      const result = await (own ? holds.release(own.id, [seat]) : holds.hold([seat]));
      if (!result.ok) return refused(result);
      say(own ? `${name(seat)} is released.` : `${name(seat)} is held for you.`);
      if ('hold' in result && result.hold) this.tell('held', { hold: result.hold });
    };
    const hold = async (area: number) => {
      const result = await holds.hold([], [{ area, count: 1 }]);
      if (result.ok) this.tell('held', { hold: result.hold });
      else refused(result);
    };
    const point = (target: Target | undefined, by: 'mouse' | 'keys') => {
      if (by !== 'keys' || target?.kind !== 'seat') return;
      const isFree = seats.getSnapshot()?.status(target.index) === Status.available;
      say(`${name(target.index)}, ${isFree ? 'free' : 'not free'}`);
    };
    return createMap({
      container,
      seats,
      holds,
      palette: mapPalette(event, chart),
      amounts: amounts(opened),
      formatPrice: (amount) => formatMoney(amount, event.currency, this.locale),
      onSeat: (seat) => void toggle(seat),
      onArea: (area) => void hold(area),
      onSummary: ({ free }) => onFree(free),
      onPoint: point,
    });
  }
}

function amounts({ chart, lists }: Opened): readonly number[] {
  return amountsOf(chart.categories, lists.latest.getSnapshot().prices);
}
