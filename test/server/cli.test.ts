import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from '../helpers/cli.js';
import { createMigratedDatabase, querySql } from '../helpers/postgres.js';

const database = await createMigratedDatabase();
const folder = await mkdtemp(join(tmpdir(), 'cavea-cli-'));
t.teardown(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});
await querySql(
  database.url,
  "insert into venues (id, name, city, country, time_zone) values ('ven_odeon', 'Odeon', 'Athens', 'GR', 'UTC')",
);

const cli = (...words: string[]) => runCli(words, { DATABASE_URL: database.url, CAVEA_DATA_DIR: folder });

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const charts = () => querySql(database.url, 'select name, seats from charts');

t.test('import-chart checks a file, then stores it', async (t) => {
  const path = await file('Kleiner Saal.csv', 'section,row,seat,category,note\nS,A,1,best,x\nS,A,2,best,y\n');
  const checked = await cli('import-chart', path, '--check');
  t.equal(checked.code, 0);
  t.match(checked.text, /^warning: line 1, column 5: the column “note” is not known and left out$/m);
  t.match(checked.text, /^not stored: chart [0-9a-f]{64}, 2 seats, best$/m);
  t.strictSame(await charts(), []);
  const stored = await cli('import-chart', path, '--venue', 'ven_odeon');
  t.match(stored.text, /^chart [0-9a-f]{64}, 2 seats, best$/m);
  t.strictSame(await charts(), [{ name: 'Kleiner Saal', seats: 2 }]);
});

t.test('a broken file is refused whole, every mistake with its place', async (t) => {
  const path = await file('broken.csv', 'section,row,seat,category\nS,A,,best\nS,A\nS,B,1,best\n');
  const { code, text } = await cli('import-chart', path, '--venue', 'ven_odeon', '--format', 'csv');
  t.equal(code, 1);
  t.match(text, 'line 2, column seat: the seat is missing\nline 3: the line has 2 fields, the headings have 4\n');
  t.match(text, 'nothing was stored');
  t.equal((await charts()).length, 1);
});

t.test('what the verb is not told', async (t) => {
  const path = await file('other.csv', 'section,row,seat,category\nS,A,1,best\n');
  t.match(await cli('import-chart', path), { code: 1, text: /--venue/ });
  t.match(await cli('import-chart', path, '--format', 'xml'), { code: 1, text: /csv/ });
  t.match(await cli('import-chart', path, '--colour', 'red'), { code: 1, text: /--colour/ });
  t.match(await cli('import-chart', path, '--venue', 'ven_none'), { code: 1, text: /no such venue/ });
  t.equal((await charts()).length, 1);
});
