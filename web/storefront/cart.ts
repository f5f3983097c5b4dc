import type { Cavea } from '../../client-sdk/cavea.js';
import { h, redraw, type View } from '../../client-sdk/elements/dom.js';
import type { PriceLists } from '../../client-sdk/elements/price-lists.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import { createTicketChoice } from '../../client-sdk/elements/ticket-choice.js';
import { type Chart, seatLabel } from '../../protocol/chart.js';
import type { HoldView } from '../../protocol/down.js';
import type { EventView } from '../../protocol/http.js';
import { type Countdown, createCountdown } from './countdown.js';
import { holdSeats } from './hold-seats.js';
import type { Picking } from './picking.js';
import { navigate } from './router.js';
import type { SeatWords } from './seat-words.js';
import type { Toast } from './toast.js';

/** What the buyer holds, for how long, for how much; and the step to the booking. */
export function cart(
  shop: Cavea,
  event: EventView,
  chart: Chart,
  lists: PriceLists,
  words: SeatWords,
  picking: Picking,
  toast: Toast,
): View {
  const element = h('div', { class: 'cart' });
  let countdowns: Countdown[] = [];
  let shown: readonly HoldView[] | undefined;
  let lastEnd: string | undefined;
  const choice = createTicketChoice(lists, chart);

  function update(): void {
    const { holds, ended } = shop.holds.getSnapshot();
    if (ended && ended.holdId !== lastEnd) {
      lastEnd = ended.holdId;
      toast.say(
        ended.why === 'expired'
          ? 'Your time ran out, and the seats are free again.'
          : `The organiser had to take your seats back: ${ended.seats.map(words.name).join('; ')}. Sorry.`,
        'bad',
      );
    }
    if (holds === shown) return;
    shown = holds;
    choice.keep(holds);
    draw(holds);
  }

  function draw(holds: readonly HoldView[]): void {
    for (const countdown of countdowns) countdown.destroy();
    countdowns = [];
    redraw(element, ...(holds.length === 0 ? [empty(event)] : holds.map(holdView)));
  }

  function holdView(hold: HoldView): HTMLElement {
    const countdown = createCountdown(
      () => shop.holds.remainingMs(hold),
      (text) => toast.announce(text),
    );
    countdowns.push(countdown);
    const submit = h('button', { class: 'button primary', type: 'submit' });
    return h(
      'section',
      { class: 'hold' },
      h(
        'div',
        { class: 'hold-head' },
        h('h2', {}, hold.seats.length === 1 ? 'Your seat' : `Your ${hold.seats.length} seats`),
        countdown.element,
      ),
      ...seats(hold, () => showNext(submit, hold)),
      ...(hold.phase === 'paying' ? paying(hold) : checkout(hold, submit)),
    );
  }

  function seats(hold: HoldView, onChoice: () => void): readonly HTMLElement[] {
    return holdSeats(hold, choice, {
      words,
      label: (seat) => seatLabel(chart, seat),
      currency: event.currency,
      exchange: (seat) => picking.exchange(hold.id, seat),
      release: (seat) => picking.release(hold.id, [seat]),
      onChoice,
    });
  }

  /** Nobody goes on before the page can say what it costs. */
  function showNext(submit: HTMLButtonElement, hold: HoldView): void {
    const total = choice.total(hold);
    submit.disabled = total === undefined;
    submit.textContent = total === 0 ? 'Get the tickets' : 'Continue to payment';
  }

  function checkout(hold: HoldView, submit: HTMLButtonElement): readonly HTMLElement[] {
    const problem = h('p', { class: 'form-problem', role: 'alert', hidden: true });
    showNext(submit, hold);
    const form = h(
      'form',
      { class: 'buyer-form' },
      h(
        'label',
        {},
        'Name',
        h('input', {
          name: 'name',
          autocomplete: 'name',
          required: true,
          maxlength: 120,
          value: draft.name,
          input: remember,
        }),
      ),
      h(
        'label',
        {},
        'E-mail',
        h('input', {
          name: 'email',
          type: 'email',
          autocomplete: 'email',
          required: true,
          maxlength: 254,
          value: draft.email,
          input: remember,
        }),
      ),
      problem,
      submit,
    );
    form.addEventListener('submit', async (submitted) => {
      submitted.preventDefault();
      submit.disabled = true;
      problem.hidden = true;
      const buyer = { name: draft.name.trim(), email: draft.email.trim() };
      const result = await shop.bookings.create(hold.id, buyer, choice.named(hold));
      if (result.ok) navigate(`/bookings/${encodeURIComponent(result.booking.id)}`);
      else {
        submit.disabled = false;
        problem.textContent = inWords(result);
        problem.hidden = false;
      }
    });
    const more = h('button', { type: 'button', class: 'link' }, 'More time');
    more.addEventListener('click', async () => {
      const result = await shop.holds.extend(hold.id);
      toast.say(result.ok ? 'Your seats are held for longer.' : inWords(result), result.ok ? 'calm' : 'bad');
    });
    const release = h(
      'button',
      { type: 'button', class: 'link', click: () => picking.release(hold.id) },
      'Release all',
    );
    return [h('p', { class: 'hold-actions' }, more, release), form];
  }

  /** What was typed survives the redrawing of the cart. */
  const draft = { name: '', email: '' };
  const remember = (typed: Event): void => {
    const { target } = typed;
    if (!(target instanceof HTMLInputElement)) return;
    if (target.name === 'name') draft.name = target.value;
    else draft.email = target.value;
  };

  update();
  const stops = [shop.holds.subscribe(update), lists.onLoad(() => draw(shown ?? []))];
  return {
    element,
    destroy() {
      for (const stop of stops) stop();
      for (const countdown of countdowns) countdown.destroy();
    },
  };
}

function empty(event: EventView): HTMLElement {
  return h(
    'section',
    { class: 'cart-empty' },
    h('h2', {}, 'No seats yet'),
    h(
      'p',
      {},
      'Zoom in and choose a seat. It is yours at once, for as long as the clock runs: nobody else can take it.',
    ),
    h(
      'p',
      { class: 'faint' },
      `Up to ${Math.min(event.maxSeatsPerHolder, event.maxTicketsPerBuyer ?? Infinity)} seats for each buyer.`,
    ),
  );
}

function paying(hold: HoldView): readonly HTMLElement[] {
  return [
    h(
      'p',
      { class: 'faint', 'data-hold': hold.id },
      'These seats are being paid for, perhaps in another tab of yours.',
    ),
  ];
}
