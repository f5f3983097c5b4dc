import type { Cavea } from '../../client-sdk/cavea.js';
import type { HoldView } from '../../protocol/down.js';
import type { EventView } from '../../protocol/http.js';
import { type Countdown, createCountdown } from './countdown.js';
import { h, type View } from './dom.js';
import { seatParts } from './format.js';
import type { Picking } from './picking.js';
import { navigate } from './router.js';
import type { SeatWords } from './seat-words.js';
import type { Toast } from './toast.js';
import { inWords } from './words.js';

/** What the buyer holds, for how long, for how much; and the step to the booking. */
export function cart(
  shop: Cavea,
  event: EventView,
  words: SeatWords,
  label: (index: number) => string,
  picking: Picking,
  toast: Toast,
): View {
  const element = h('div', { class: 'cart' });
  let countdowns: Countdown[] = [];
  let shown: readonly HoldView[] | undefined;
  let lastEnd: string | undefined;

  function update(): void {
    const { holds, ended } = shop.holds.getSnapshot();
    if (ended && ended.holdId !== lastEnd) {
      lastEnd = ended.holdId;
      toast.say(
        ended.why === 'expired'
          ? 'Your time ran out, and the seats are free again.'
          : 'The organiser had to take your seats back. Sorry.',
        'bad',
      );
    }
    if (holds === shown) return;
    shown = holds;
    for (const countdown of countdowns) countdown.destroy();
    countdowns = [];
    element.replaceChildren(...(holds.length === 0 ? [empty(event)] : holds.map(holdView)));
  }

  function holdView(hold: HoldView): HTMLElement {
    const countdown = createCountdown(
      () => shop.holds.remainingMs(hold),
      (text) => toast.announce(text),
    );
    countdowns.push(countdown);
    return h(
      'section',
      { class: 'hold' },
      h(
        'div',
        { class: 'hold-head' },
        h('h2', {}, hold.seats.length === 1 ? 'Your seat' : `Your ${hold.seats.length} seats`),
        countdown.element,
      ),
      h('ul', { class: 'hold-seats' }, ...hold.seats.map((seat) => seatLine(hold, seat))),
      h('p', { class: 'total' }, h('span', {}, 'Total'), h('b', {}, words.total(hold.seats))),
      ...(hold.phase === 'paying' ? paying(hold) : checkout(hold)),
    );
  }

  function seatLine(hold: HoldView, seat: number): HTMLElement {
    return h(
      'li',
      {},
      h(
        'span',
        { class: 'seat-tag' },
        ...seatParts(label(seat)).map(({ name, value }) => h('span', {}, h('small', {}, name), value)),
      ),
      h('span', { class: 'seat-price' }, words.price(seat), h('small', {}, words.categoryName(seat))),
      hold.phase === 'held' &&
        h(
          'button',
          {
            type: 'button',
            class: 'release',
            'aria-label': `Release ${words.name(seat)}`,
            click: () => picking.release(hold.id, [seat]),
          },
          '×',
        ),
    );
  }

  function checkout(hold: HoldView): readonly HTMLElement[] {
    const problem = h('p', { class: 'form-problem', role: 'alert', hidden: true });
    const submit = h('button', { class: 'button primary', type: 'submit' }, 'Continue to payment');
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
      const result = await shop.bookings.create(hold.id, { name: draft.name.trim(), email: draft.email.trim() });
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
  const stop = shop.holds.subscribe(update);
  return {
    element,
    destroy() {
      stop();
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
    h('p', { class: 'faint' }, `Up to ${event.maxSeatsPerHolder} seats for each buyer.`),
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
