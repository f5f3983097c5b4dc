import type { Cavea } from '../../client-sdk/cavea.js';
import { h, type View } from '../../client-sdk/elements/dom.js';

/** Whether what the buyer sees is true at this moment. Never says "live" in doubt. */
export function liveBadge(shop: Cavea): View {
  const text = h('span', {});
  const element = h('p', { class: 'live-badge', role: 'status' }, h('i', { 'aria-hidden': 'true' }), text);
  const update = (): void => {
    const [tone, words] = stateOf(shop);
    if (text.textContent === words) return;
    element.dataset.tone = tone;
    text.textContent = words;
  };
  update();
  const stops = [shop.connection.subscribe(update), shop.seats.subscribe(update)];
  return {
    element,
    destroy() {
      for (const stop of stops) stop();
    },
  };
}

function stateOf(shop: Cavea): readonly [tone: 'live' | 'wait' | 'bad', words: string] {
  const { name } = shop.connection.getSnapshot();
  const seats = shop.seats.getSnapshot();
  if (name === 'closed') return ['bad', 'Not connected. Reload the page.'];
  if (name === 'lost') return ['bad', 'Not live: no connection'];
  if (name === 'recovering') return ['wait', 'Reconnecting…'];
  if (seats?.live) return ['live', 'Live'];
  return seats?.ready && name === 'live' ? ['wait', 'Catching up…'] : ['wait', 'Connecting…'];
}
