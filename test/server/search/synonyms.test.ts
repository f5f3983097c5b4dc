import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { englishSynonyms, parseSynonyms, readSynonyms } from '../../../server/search/synonyms.js';

t.test('each word of a group means the others, whatever its case and accents', async (t) => {
  const { of, groups } = parseSynonyms('# of the house\n\nThéâtre, theater, Play\nplay, drama\n');
  t.same(of('theatre'), ['theater', 'play']);
  t.same(of('play'), ['theatre', 'theater', 'drama'], 'of both groups');
  t.same(of('opera'), []);
  t.equal(groups.length, 2);
  t.ok(englishSynonyms.of('theater').includes('theatre'));
});

t.test('a file with a mistake is refused with its line', async (t) => {
  const file = `${t.testdir()}/synonyms`;
  for (const [text, mistake] of [
    ['theatre, theater\nalone', /line 2 needs two words/],
    ['rock n roll, rock', /line 1: only single words/],
    ['theatre,,theater', /line 1: only single words/],
  ] as const) {
    await writeFile(file, text);
    t.throws(() => readSynonyms(file), mistake);
  }
  t.throws(() => readSynonyms(`${file}-none`), /ENOENT/);
});
