import t from 'tap';
import { outlook } from '../../client-sdk/elements/outlook.js';
import { speak } from '../../client-sdk/elements/words.js';

/** What somebody in the line reads: when, why not yet, whether in time. */
const waiting: Parameters<typeof outlook>[0] = {
  name: 'waiting',
  place: 40,
  ahead: 30,
  etaMs: [120_000, 190_000],
  paused: false,
  slow: undefined,
  seatsLeft: 500,
  message: '',
};

t.test('when, and why not sooner', async (t) => {
  t.equal(outlook(waiting), 'About 2 to 4 min.');
  t.equal(outlook({ ...waiting, etaMs: undefined }), '', 'nothing is known');
  t.equal(outlook({ ...waiting, paused: true }), 'The line is paused for a moment.');
  t.match(outlook({ ...waiting, slow: 'full' }), /^About 2 to 4 min\. As many people are choosing as may at once/);
  t.match(
    outlook({ ...waiting, etaMs: undefined, slow: 'seats' }),
    /^Those before you may take all seats that are free\. Some may come back\.$/,
  );
});

t.test('with more people before them than seats are left, they are told', async (t) => {
  t.match(
    outlook({ ...waiting, seatsLeft: 29 }),
    /^About 2 to 4 min\. Your turn may come too late: there are 29 seats left/,
  );
  t.notMatch(outlook({ ...waiting, seatsLeft: 30 }), /too late/, 'enough for one each');
  t.notMatch(outlook({ ...waiting, seatsLeft: undefined }), /too late/, 'not known');
});

t.test('in the words of the page', async (t) => {
  speak({ eta: (likely) => `In etwa ${likely} Minuten.` });
  t.equal(outlook(waiting), 'In etwa 2 Minuten.');
  t.equal(outlook({ ...waiting, paused: true }), 'The line is paused for a moment.', 'what is not given stays English');
});
