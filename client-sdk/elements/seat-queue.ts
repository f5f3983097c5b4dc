import type { QueueState } from '../queue.js';
import { h } from './dom.js';
import { outlook } from './outlook.js';
import { inWords } from './refusal-words.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop } from './shops.js';
import { words } from './words.js';

/**
 * The buyer's place in an event's waiting room; hidden when there is no line, or it is their turn.
 *
 * @tagname seat-queue
 * @attr manual - does not join by itself
 * @fires cavea-queue - {state} after each change
 * @csspart ahead
 * @csspart eta
 * @csspart message
 * @csspart leave
 */
export class SeatQueueElement extends ShopElement {
  protected begin(shop: ElementShop): readonly (() => void)[] {
    const { queue, connection } = shop.cavea;
    const view = h('div', { role: 'status' });
    const leave = h(
      'button',
      { type: 'button', class: 'quiet', part: 'leave', click: () => void queue.leave() },
      words().giveUpPlace,
    );
    const join = h('button', { type: 'button', click: () => queue.join() }, words().waitInLine);
    this.root.replaceChildren(view, leave, join);

    const draw = () => {
      const state = queue.getSnapshot();
      const waits = state.name === 'waiting' || state.name === 'soldOut' || state.name === 'drawing';
      this.hidden = state.name === 'admitted' || (state.name === 'away' && !this.hasAttribute('manual'));
      // The buttons stay where they are: one that is replaced loses its focus, and a click under way.
      view.replaceChildren(...this.#words(state, connection.getSnapshot().name === 'live'));
      leave.hidden = !waits;
      join.hidden = state.name !== 'away';
      this.tell('queue', { state });
    };
    const stops = [queue.subscribe(draw), connection.subscribe(draw)];
    draw();
    const stopOpening = this.whenOpen(shop, ({ event }) => {
      if (event.roomOn && !this.hasAttribute('manual')) queue.join();
    });
    return [...stops, stopOpening];
  }

  #words(state: QueueState, isLive: boolean): HTMLElement[] {
    const line = (text: string, part?: string) => h('p', { part }, text);
    const say = words();
    // Where they stand is not known now, so no number is told.
    if (!isLive && 'place' in state) return [line(say.reconnecting, 'ahead')];
    switch (state.name) {
      case 'away':
      case 'admitted':
        return [];
      case 'joining':
        return [line(say.joining)];
      case 'refused':
        return [line(inWords(state.refusal))];
      case 'drawing':
        return [line(say.inDraw(state.entries)), line(state.message, 'message')];
      case 'soldOut':
        return [line(say.allTaken, 'ahead')];
      case 'waiting': {
        const ahead =
          state.ahead === undefined ? say.inLine : state.ahead === 1 ? say.next : say.before(state.ahead - 1);
        return [line(ahead, 'ahead'), line(outlook(state), 'eta'), line(state.message, 'message')];
      }
    }
  }
}
