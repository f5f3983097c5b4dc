import { seatLabel } from '../../protocol/chart.js';
import { amountsOf } from '../../protocol/prices.js';
import { Status } from '../../protocol/status.js';
import { createMap, type SeatMap, type Target } from '../map/map.js';
import { mapPalette } from '../map/palette.js';
import type { Refusal } from '../result.js';
import { h } from './dom.js';
import { inWords } from './refusal-words.js';
import { seatName } from './seat-name.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop, Opened } from './shops.js';
import { words } from './words.js';

/**
 * The live map. A click or Enter holds a free seat, and lets an own one go. Give it a height.
 *
 * @tagname seat-map
 * @attr server - origin of the server; the page's own by default
 * @attr key - publishable key, `pk_…`
 * @attr event - id of the event, `evt_…`
 * @attr scheme - `dark` on a dark page; `light` by default; another one draws the map anew
 * @attr max-seats - as many as the page lets one buyer choose, where that is fewer than the event does
 * @fires cavea-open - {event, chart}: the map is there
 * @fires cavea-choose - {seat, label} before a seat is held or let go; `preventDefault` keeps it as it is
 * @fires cavea-held - {hold}
 * @fires cavea-refused - {refusal}
 * @csspart map
 * @csspart zoom
 * @csspart state
 */
export class SeatMapElement extends ShopElement {
  static override readonly observedAttributes = [...ShopElement.observedAttributes, 'scheme'];

  /** Seats that may be chosen; all by default. */
  isSelectable: (label: string) => boolean = () => true;
  #map: SeatMap | undefined;

  /** Undefined until the event is open. */
  get map(): SeatMap | undefined {
    return this.#map;
  }

  protected begin(shop: ElementShop): readonly (() => void)[] {
    const say = words();
    const canvas = h('div', {
      class: 'map',
      part: 'map',
      role: 'application',
      'aria-label': say.mapKeys,
    });
    const state = h('p', { part: 'state', role: 'status' }, say.loading);
    const said = h('p', { class: 'said', 'aria-live': 'polite' });
    const button = (name: string, sign: string, click: () => void) =>
      h('button', { type: 'button', class: 'quiet', 'aria-label': name, title: name, click }, sign);
    const zoom = h(
      'div',
      { class: 'zoom', part: 'zoom' },
      button(say.zoomIn, '+', () => this.#map?.zoom(1.6)),
      button(say.zoomOut, '−', () => this.#map?.zoom(1 / 1.6)),
      button(say.wholeMap, '⤢', () => this.#map?.fit()),
    );
    this.root.replaceChildren(h('div', { class: 'map' }, canvas, zoom), state, said);
    const tell = (text: string) => {
      said.textContent = text;
    };

    const showState = (opened: Opened, free: number) => {
      const now = shop.cavea.seats.getSnapshot();
      const counted = say.freeOf(free, opened.chart.seats);
      state.textContent = !now?.ready ? say.loading : now.live ? counted : say.notLive(counted);
    };
    let opened: Opened | undefined;
    let stopPrices = () => {};
    const start = () => {
      if (!opened || this.#map || !shop.cavea.seats.getSnapshot()) return;
      const now = opened;
      const map = this.#createMap(shop, now, canvas, tell, (free) => showState(now, free));
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
        else if (now.name === 'opening' && now.trouble) state.textContent = say.outage;
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

  #isFull({ cavea }: ElementShop): boolean {
    const most = Number(this.getAttribute('max-seats') ?? Number.POSITIVE_INFINITY);
    const { holds, pending } = cavea.holds.getSnapshot();
    return holds.reduce((sum, { seats }) => sum + seats.length, pending.size) >= most;
  }

  #createMap(
    shop: ElementShop,
    opened: Opened,
    container: HTMLElement,
    tell: (text: string) => void,
    onFree: (free: number) => void,
  ): SeatMap {
    const { event, chart } = opened;
    const { seats, holds } = shop.cavea;
    const name = (seat: number) => seatName(seatLabel(chart, seat));
    const refused = (refusal: Refusal) => {
      tell(inWords(refusal));
      this.tell('refused', { refusal });
    };

    const toggle = async (seat: number) => {
      const label = seatLabel(chart, seat);
      if (!this.isSelectable(label) || !this.tell('choose', { seat, label })) return;
      const own = holds.getSnapshot().holds.find((hold) => hold.seats.includes(seat));
      if (!own && this.#isFull(shop)) return refused(tooMany);
      const result = await (own ? holds.release(own.id, [seat]) : holds.hold([seat]));
      if (!result.ok) return refused(result);
      tell(own ? words().released(name(seat)) : words().held(name(seat)));
      if ('hold' in result && result.hold) this.tell('held', { hold: result.hold });
    };
    const hold = async (area: number) => {
      if (this.#isFull(shop)) return refused(tooMany);
      const result = await holds.hold([], [{ area, count: 1 }]);
      if (result.ok) this.tell('held', { hold: result.hold });
      else refused(result);
    };
    const point = (target: Target | undefined, by: 'mouse' | 'keys') => {
      if (by !== 'keys' || target?.kind !== 'seat') return;
      const isFree = seats.getSnapshot()?.status(target.index) === Status.available;
      const seat = name(target.index);
      tell(isFree ? words().seatFree(seat) : words().seatNotFree(seat));
    };
    return createMap({
      container,
      seats,
      holds,
      palette: mapPalette(event, chart, this.getAttribute('scheme') === 'dark' ? 'dark' : 'light'),
      amounts: amounts(opened),
      formatPrice: (amount) => words().price(amount, event.currency, this.locale),
      onSeat: (seat) => void toggle(seat),
      onArea: (area) => void hold(area),
      onSummary: ({ free }) => onFree(free),
      onPoint: point,
    });
  }
}

const tooMany: Refusal = { ok: false, reason: 'limit', message: 'This is more than the page lets one buyer have.' };

function amounts({ chart, lists }: Opened): readonly number[] {
  return amountsOf(chart.categories, lists.latest.getSnapshot().prices);
}
