import { h, type View } from '../../client-sdk/elements/dom.js';
import type { DoorEvents } from '../../protocol/door.js';

/** Which event this door is for. */
export function eventsPage({ items }: DoorEvents): View {
  const list = items.map(({ id, title, startsAt, venue, timeZone, valid, admitted }) => {
    const when = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
    return h(
      'li',
      {},
      h('a', { href: `#/events/${id}` }, h('b', {}, title), h('span', {}, `${when.format(startsAt)}, ${venue}`)),
      h('span', { class: 'faint' }, `${admitted} of ${valid} in`),
    );
  });
  return {
    element: h(
      'main',
      { class: 'door', id: 'content' },
      h('header', {}, h('h1', {}, 'Which door?')),
      items.length > 0 ? h('ul', { class: 'events' }, ...list) : h('p', {}, 'No event is near.'),
    ),
  };
}
