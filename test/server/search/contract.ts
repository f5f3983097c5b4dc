import type { Test } from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import type { Search, SearchDocument, SearchFound, SearchQuery } from '../../../server/search/search.js';

/** What every search answers, whatever it is made of. */
const day = 86_400_000;
const now = systemClock.now();

function document(event: string, more: Partial<SearchDocument>): SearchDocument {
  return {
    event,
    title: 'An Evening',
    performers: [],
    venue: 'Odeon',
    venueId: 'ven_odeon',
    city: 'Athens',
    country: 'GR',
    genre: 'rock',
    about: '',
    startsAt: now + 30 * day,
    latitude: 37.98,
    longitude: 23.73,
    fromAmount: 5_000,
    currency: 'eur',
    status: 'onSale',
    opensAt: now - day,
    closesAt: null,
    popularity: 0,
    ...more,
  };
}

export const documents: readonly SearchDocument[] = [
  document('evt_swift', {
    title: 'The Long Night',
    performers: ['Taylor Swift'],
    popularity: 900,
    startsAt: now + 5 * day,
  }),
  document('evt_tailor', { title: 'Tailors of Panama', genre: 'theatre', startsAt: now + 6 * day }),
  document('evt_cafe', {
    title: 'Café Müller',
    genre: 'dance',
    city: 'Köln',
    venueId: 'ven_koeln',
    latitude: 50.94,
    longitude: 6.96,
  }),
  document('evt_sigur', {
    title: 'Í nótt',
    performers: ['Sigur Rós'],
    city: 'Reykjavík',
    latitude: 64.15,
    longitude: -21.94,
  }),
  document('evt_orestes', {
    title: 'Orestes',
    genre: 'theatre',
    about: 'After Euripides, with a chorus of Furies',
    fromAmount: 2_000,
    startsAt: now + day,
  }),
  document('evt_furies', {
    title: 'The Furies',
    genre: 'opera',
    fromAmount: 9_000,
    startsAt: now + 2 * day,
    popularity: 10,
  }),
  document('evt_soon', { title: 'Rehearsal', status: 'announced', opensAt: now + day, startsAt: now + 3 * day }),
  document('evt_gone', { title: 'Yesterday', startsAt: now - 2 * day }),
];

const usual: SearchQuery = { text: '', sort: 'relevance', limit: 20, offset: 0 };

export async function contract(t: Test, search: Search): Promise<void> {
  const find = (text: string, more: Partial<SearchQuery> = {}): Promise<SearchFound> =>
    search.find({ ...usual, text, ...more });
  const events = async (text: string, more: Partial<SearchQuery> = {}) => (await find(text, more)).events;
  await search.put(documents);

  await t.test('a word of any field, in any order', async (t) => {
    t.same(await events('swift taylor'), ['evt_swift'], 'performer');
    t.same(await events('long night'), ['evt_swift'], 'title');
    t.same(await events('koln'), ['evt_cafe'], 'city');
    t.same(await events('euripides'), ['evt_orestes'], 'text');
    t.same(await events('opera'), ['evt_furies'], 'genre');
    t.same(await events('swift opera'), [], 'all words are wanted');
  });

  await t.test('as you type: the last word is a beginning', async (t) => {
    for (const typed of ['s', 'sw', 'swi', 'taylor sw']) t.ok((await events(typed)).includes('evt_swift'), typed);
  });

  await t.test('accents and capitals do not matter', async (t) => {
    for (const typed of ['café', 'CAFE', 'cafe muller', 'müller']) t.same(await events(typed), ['evt_cafe'], typed);
    t.same(await events('sigur ros'), ['evt_sigur']);
    t.same(await events('reykjavik'), ['evt_sigur']);
  });

  await t.test('one and two letters wrong', async (t) => {
    const found = await find('Tayler Swfit');
    t.same(found.events, ['evt_swift']);
    t.equal(found.corrected, 'taylor swift');
    t.same(await events('orestis'), ['evt_orestes'], 'one changed');
    t.same(await events('orstes'), ['evt_orestes'], 'one left out');
    t.same(await events('euripdies'), ['evt_orestes'], 'two swapped');
    t.same(await events('euryipides'), ['evt_orestes'], 'one too many');
    t.same(await events('rehaersel'), ['evt_soon'], 'two wrong in a long word');
    t.same(await events('rok'), [], 'short words have to be right');
    t.equal((await find('orestes')).corrected, undefined, 'what is right is not corrected');
  });

  await t.test('words that mean the same', async (t) => {
    t.same([...(await events('theater'))].sort(), ['evt_orestes', 'evt_tailor']);
    t.same(await events('theater furies'), ['evt_orestes']);
    t.equal((await find('theater')).corrected, undefined);
    t.same(await events('theate'), ['evt_orestes', 'evt_tailor'].sort(), 'unfinished, as it is');
  });

  await t.test('a misspelt word before one that is not finished', async (t) => {
    const found = await find('Tayler sw');
    t.same(found.events, ['evt_swift']);
    t.equal(found.corrected, 'taylor sw');
    t.same(await events('tailers pan'), ['evt_tailor']);
    t.same(await events('tayler x'), [], 'nothing begins so');
  });

  await t.test('what is meant comes before what is mentioned', async (t) => {
    t.same(await events('furies'), ['evt_furies', 'evt_orestes']);
  });

  await t.test('filters', async (t) => {
    t.same([...(await events('', { genre: 'theatre' }))].sort(), ['evt_orestes', 'evt_tailor']);
    t.same(await events('', { city: 'köln' }), ['evt_cafe']);
    t.same(await events('', { venue: 'ven_koeln' }), ['evt_cafe']);
    t.same(await events('', { from: now, to: now + 1.5 * day }), ['evt_orestes']);
    t.same(await events('', { maxAmount: 2_500 }), ['evt_orestes']);
    t.notOk((await events('', { onSale: true })).includes('evt_soon'));
    t.notOk((await events('')).includes('evt_gone'), 'what is over is not found');
    t.same(await events('', { near: { latitude: 50.9, longitude: 7, km: 30 } }), ['evt_cafe']);
    t.same(await events('furies', { genre: 'opera', maxAmount: 5_000 }), []);
  });

  await t.test('orders', async (t) => {
    t.same((await events('', { sort: 'date' })).slice(0, 3), ['evt_orestes', 'evt_furies', 'evt_soon']);
    t.same((await events('')).slice(0, 3), ['evt_orestes', 'evt_furies', 'evt_soon'], 'without words too');
    t.equal((await events('', { sort: 'popularity' }))[0], 'evt_swift');
    const near = { latitude: 64, longitude: -22, km: 20_000 };
    t.same((await events('', { sort: 'distance', near })).slice(0, 2), ['evt_sigur', 'evt_cafe']);
  });

  await t.test('facets count what fits', async (t) => {
    const { facets, count } = await find('');
    t.equal(count, 7);
    t.same(facets.genre[0], { value: 'rock', count: 3 });
    t.same((await find('furies')).facets.genre, [
      { value: 'opera', count: 1 },
      { value: 'theatre', count: 1 },
    ]);
  });

  await t.test('pages', async (t) => {
    const first = await events('', { sort: 'date', limit: 3 });
    const second = await events('', { sort: 'date', limit: 3, offset: 3 });
    t.same([...first, ...second], (await events('', { sort: 'date' })).slice(0, 6));
  });

  await t.test('replaced and removed', async (t) => {
    await search.put([document('evt_tailor', { title: 'Spies of Havana', genre: 'theatre' })]);
    t.same(await events('panama'), []);
    t.same(await events('havana'), ['evt_tailor']);
    await search.remove(['evt_tailor']);
    t.same(await events('havana'), []);
  });

  await t.test('all replaced: what is not among them is gone', async (t) => {
    async function* batches() {
      yield documents.slice(0, 3);
      yield [document('evt_new', { title: 'Premiere' })];
    }
    await search.replaceAll(batches);
    t.same(await events('premiere'), ['evt_new']);
    t.same(await events('sigur'), []);
    t.same(await events('swift'), ['evt_swift']);
  });

  await t.test('whatever is typed is only text', async (t) => {
    for (const typed of [
      "'",
      '"',
      '&|!():*',
      '\\',
      '<->',
      "o'brien",
      '💺',
      ' ',
      'a'.repeat(200),
      '%_',
      "';drop table events",
    ]) {
      await t.resolves(find(typed), typed.slice(0, 20));
    }
  });
}
