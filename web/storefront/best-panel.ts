import type { Cavea } from '../../client-sdk/cavea.js';
import { h } from '../../client-sdk/elements/dom.js';
import type { PriceLists } from '../../client-sdk/elements/price-lists.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import type { BestWish } from '../../client-sdk/holds.js';
import type { Refusal } from '../../client-sdk/result.js';
import type { DoneFrame } from '../../protocol/down.js';
import type { EventView } from '../../protocol/http.js';
import { money } from './format.js';
import type { SeatWords } from './seat-words.js';
import type { Toast } from './toast.js';

/** "Four together, under 80": the server chooses, the seats are held at once. */
export function bestPanel(
  shop: Cavea,
  event: EventView,
  lists: PriceLists,
  words: SeatWords,
  toast: Toast,
): HTMLElement {
  const most = Math.min(event.maxSeatsPerHolder, 20);
  const counts = Array.from({ length: most }, (_, at) =>
    h('option', { value: at + 1, selected: at === 1 }, String(at + 1)),
  );
  const count = h('select', { name: 'count' }, ...counts);
  const limit = h('select', { name: 'limit' });
  const split = h('input', { type: 'checkbox', name: 'split' });
  const accessible = h('input', { type: 'checkbox', name: 'accessible' });
  const answer = h('div', { class: 'best-answer', role: 'status', hidden: true });
  const submit = h('button', { class: 'button', type: 'submit' }, 'Find the best seats');

  function showPrices(): void {
    const chosen = limit.value;
    const amounts = [...new Set(lists.latest.getSnapshot().prices.map(({ amount }) => amount))].sort((a, b) => a - b);
    limit.replaceChildren(
      h('option', { value: '' }, 'at any price'),
      ...amounts
        .slice(0, -1)
        .map((amount) => h('option', { value: amount }, `up to ${money(amount, event.currency)} each`)),
    );
    limit.value = chosen;
  }

  async function find(wish: BestWish): Promise<void> {
    submit.disabled = true;
    answer.hidden = true;
    const result = await shop.holds.best(wish);
    submit.disabled = false;
    if (result.ok) {
      if (result.best) say(h('p', {}, found(result.best)));
    } else say(h('p', {}, sentence(result, wish)), offer(result, wish));
  }

  function say(...parts: readonly (HTMLElement | false)[]): void {
    answer.replaceChildren(...parts.filter((part) => part !== false));
    answer.hidden = false;
  }

  function found({ seats, reasons }: NonNullable<DoneFrame['best']>): string {
    if (reasons.includes('area')) {
      return `No seats are left that fit. Held for you: ${seats.length} × ${words.areaName(seats[0] ?? 0)}.`;
    }
    const names = seats.length <= 4 ? seats.map((seat) => words.name(seat)).join('; ') : `${seats.length} seats`;
    const how = reasons.includes('split')
      ? 'in two rows, one behind the other'
      : reasons.includes('together')
        ? 'side by side'
        : '';
    return `Held for you${how === '' ? '' : `, ${how}`}: ${names}. Nothing else that fits is nearer to the stage.`;
  }

  /** Two rows where one was wanted: taken exactly as they are offered. */
  function offer({ reason, alternative }: Refusal, wish: BestWish): HTMLElement | false {
    if (reason !== 'noRun' || !alternative) return false;
    const rows = [...new Set(alternative.map((seat) => words.name(seat).replace(/ · Seat .*/, '')))].join(' and ');
    const take = h('button', { class: 'button small', type: 'button' }, `Take ${wish.count} in two rows`);
    take.addEventListener('click', async () => {
      const result = await shop.holds.hold(alternative, [], { accessible: wish.accessible ?? false });
      if (result.ok) answer.hidden = true;
      else toast.say(inWords(result), 'bad');
    });
    return h('div', {}, h('p', { class: 'faint' }, `There are ${rows}.`), take);
  }

  function submitted(event: Event): void {
    event.preventDefault();
    void find({
      count: Number(count.value),
      ...(limit.value === '' ? {} : { maxAmount: Number(limit.value) }),
      ...(split.checked ? { split: true } : {}),
      ...(accessible.checked ? { accessible: true } : {}),
    });
  }

  showPrices();
  lists.latest.subscribe(showPrices);
  return h(
    'details',
    { class: 'best' },
    h('summary', {}, 'Find the best seats'),
    h(
      'form',
      { submit: submitted },
      h('label', {}, 'Seats together', count),
      h('label', {}, 'Price', limit),
      h('label', { class: 'check' }, split, 'Two rows, one behind the other, will do'),
      h('label', { class: 'check' }, accessible, 'Somebody needs a wheelchair space'),
      submit,
    ),
    answer,
  );
}

function sentence(refusal: Refusal, { count }: BestWish): string {
  if (refusal.reason === 'noRun') return `There are no ${count} seats side by side left that fit.`;
  if (refusal.reason === 'soldOut') return 'There are not that many seats left that fit.';
  return inWords(refusal);
}
