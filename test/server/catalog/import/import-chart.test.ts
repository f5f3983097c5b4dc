import t from 'tap';
import { compileChart } from '../../../../server/catalog/compile-chart.js';
import { generateChart } from '../../../../server/catalog/generate-chart.js';
import { type ImportOptions, importChart } from '../../../../server/catalog/import/import-chart.js';
import { errorsOf, imported, pretixPlan, tableOf } from './files.js';

const head = 'section,row,seat,category';
const table = (...lines: string[]) => [head, ...lines].join('\n');
const placed = (...lines: string[]) => ['section,row,seat,category,x,y', ...lines].join('\n');
const sound = 'A,1,1,x';

const ours = (section: object = {}, chart: object = {}) => ({
  format: 'cavea-chart/1',
  name: 'Hall',
  focal: [0, 0],
  categories: ['x'],
  sections: [
    {
      key: 'S',
      name: 'Stalls',
      category: 'x',
      rows: [{ type: 'arc', name: 'A', origin: [0, 0], count: 4, spacing: 50 }],
      ...section,
    },
  ],
  ...chart,
});
const looseRow = (...numbers: string[]) => ({
  type: 'seats',
  name: 'A',
  seats: numbers.map((number, at) => ({ number, at: [at * 50, 0] })),
});

/** What is broken, the file, and the only mistake that shall be reported, with its place. */
const broken: readonly [title: string, file: string | object | Uint8Array, mistake: RegExp, options?: ImportOptions][] =
  [
    ['nothing', '', /^line 1: the file is empty$/],
    ['too much', new Uint8Array(64 * 1024 * 1024 + 1), /^line 1: the file has 67108865 bytes; 67108864 is the most$/],
    ['UTF-16', Buffer.from(`\ufeff${table(sound)}`, 'utf16le'), /^line 1: the file is in UTF-16/],
    [
      'Latin-1',
      Buffer.concat([Buffer.from(`${head}\nCaf`), Buffer.from([0xe9]), Buffer.from(',1,1,x')]),
      /^line 2, byte 29: 0xe9 is not UTF-8 here/,
    ],
    [
      'half a character at the end',
      Buffer.concat([Buffer.from(table('A,1,1,')), Buffer.from([0xc3])]),
      /^line 2, byte 32: 0xc3 /,
    ],

    ['no headings, only empty lines', '\n\n', /^line 1: the table has no line of headings$/],
    ['no seats', head, /^line 1: there are no seats below the headings$/],
    ['a column missing', 'section,row,seat\nA,1,1', /^line 1: the headings lack the column category$/],
    ['a column twice', `row,${head}\n1,A,1,1,x`, /^line 1, column 3: there are two columns row$/],
    ['x without y', `${head},x\nA,1,1,x,1`, /^line 1: the headings have x but no y$/],
    ['a field too few', table(sound, 'A,1,2'), /^line 3: the line has 3 fields, the headings have 4$/],
    ['a field too many', table('A,1,1,x,y'), /^line 2: the line has 5 fields, the headings have 4$/],
    [
      'a quote never closed',
      table(sound, 'A,1,"2,x', 'A,1,3,x'),
      /^line 3: a quote that is opened at or below this line/,
    ],
    [
      'a quote never closed in a long file',
      table(sound, '"A,1,2,x', ...Array<string>(4_000).fill(sound)),
      /^line 3: a line is longer than 16384 bytes, or a quote/,
    ],
    ['text after a closing quote', table('"A"B,1,1,x', 'A,1,2,x'), /^line 2: a quote stands within a field/],
    ['a quote within plain text', table('A,1,1,x', 'A 3" pipe,1,1,x'), /^line 3: a quote stands within a field/],
    ['an empty section', table(',1,1,x'), /^line 2, column section: the section is missing$/],
    ['an empty row', table('A, ,1,x'), /^line 2, column row: the row is missing$/],
    ['an empty seat', table('A,1,"",x'), /^line 2, column seat: the seat is missing$/],
    ['no category', table('A,1,1,'), /^line 2, column category: the category is missing$/],
    ['a text too long', table(`${'A'.repeat(81)},1,1,x`), /^line 2, column section: the text is longer than 80/],
    ['a NUL', table('A\0,1,1,x'), /^line 2, column section: the text has a control character/],
    ['a line break in a name', table('"A\nB",1,1,x'), /^line 2, column section: the text has a control character/],
    ['writing that turns round', table('A,1,1,\u202eegdel'), /^line 2, column category: .* turns the writing/],
    [
      'the same seat twice',
      table(sound, 'A,2,1,x', sound),
      /^line 4, column seat: row 1 of section A has the seat 1 already, at line 2/,
    ],
    [
      'a seat twice but for its case',
      table('A,1,a,x', 'A,1,A,x'),
      /^line 3, column seat: .* the seat A already, at line 2/,
    ],
    [
      'a seat twice but for its encoding',
      table('A,1,é,x', 'A,1,e\u0301,x'),
      /^line 3, column seat: .* the seat é already/,
    ],
    ['a section in two spellings', table(sound, 'a,1,2,x'), /^line 3, column section: a is written A at line 2/],
    ['a row in two spellings', table('A,k,1,x', 'A,K,2,x'), /^line 3, column row: K is written k at line 2/],
    ['an x that is no number', placed('A,1,1,x,12cm,0'), /^line 2, column x: “12cm” is not a number/],
    ['an x that is not finite', placed('A,1,1,x,1e308,0'), /^line 2, column x: “1e308” is not a number/],
    ['a y that is NaN', placed('A,1,1,x,0,NaN'), /^line 2, column y: “NaN” is not a number/],
    ['a decimal comma', placed('A,1,1,x,"1,5",0'), /^line 2, column x: “1,5” is not a number such as -12.5/],
    ['an x far out', placed('A,1,1,x,1000001,0'), /^line 2, column x: the number lies outside ±1000000$/],
    ['only one of x and y', placed('A,1,1,x,1,'), /^line 2, column y: x and y must both be there/],
    [
      'seats without place among others',
      placed('A,1,1,x,0,0', 'A,1,2,x,,'),
      /^line 3, column x: other seats of section A have x and y/,
    ],
    [
      'two seats on one spot',
      placed('A,1,1,x,5,5', 'A,2,7,x,5,5'),
      /^line 3: seat A-2-7 lies on the same spot as A-1-1$/,
    ],
    ['a drawing too wide', placed('A,1,1,x,0,0', 'A,1,2,x,40000,0'), /^the whole file: the drawing is 40490 by \d+ cm/],
    [
      'an unknown attribute',
      `${head},attributes\n${sound},throne`,
      /^line 2, column attributes: “throne” is none of wheelchair/,
    ],
    [
      'more seats than a chart has',
      `${head}\n${'A,1,1,x\n'.repeat(200_001)}`,
      /^line 200002: a chart has no more than 200000 seats$/,
    ],

    ['no JSON', '{"format": "cavea-chart/1",\n "name": }', /^line 2, column 10: this is not JSON: unexpected "}"$/],
    ['JSON that ends early', '{"name": [1, 2', /^line 1, column 15: this is not JSON: the file ends too early$/],
    ['JSON 100,000 levels deep', '['.repeat(100_000), /^line 1, column 33: the file is nested more than 32 deep here$/],
    ['JSON of another kind', '[]', /^the whole file: Invalid input/],
    ['an unknown field', ours({ colour: 'red' }), /^\/sections\/0\/colour: there is no such field$/],
    ['a name with a control character', ours({ name: 'Sta\u0007lls' }), /^\/sections\/0\/name: must not hold control/],
    ['a name of the wrong kind', ours({ name: 7 }), /^\/sections\/0\/name: Invalid input: expected string/],
    ['a category that is not there', ours({ category: 'y' }), /^\/sections\/0\/category: there is no category y$/],
    [
      'two rows of one name',
      ours({ rows: [looseRow('1'), looseRow('1')] }),
      /^\/sections\/0\/rows\/1\/name: the section has two rows A$/,
    ],
    [
      'two seats of one number',
      ours({ rows: [looseRow('7', '7')] }),
      /^\/sections\/0\/rows\/0\/seats\/1\/number: the row has two seats 7$/,
    ],
    [
      'two seats but for their case',
      ours({ rows: [looseRow('7a', '7A')] }),
      /^\/sections\/0\/rows\/0\/seats\/1\/number: 7A and 7a differ only in case$/,
    ],
    [
      'too many seats by rule',
      ours({
        rows: Array.from({ length: 101 }, (_, at) => ({
          type: 'arc',
          name: `${at}`,
          origin: [0, at * 9],
          count: 2_000,
          spacing: 20,
        })),
      }),
      /^the whole file: 202000 seats are more than/,
    ],
    [
      'a row longer than the drawing',
      ours({ rows: [{ type: 'arc', name: 'A', origin: [0, 0], count: 700, spacing: 50 }] }),
      /^the whole file: the drawing is/,
    ],

    [
      'a plan without zones',
      pretixPlan({ plan: { zones: undefined } }),
      /^\/zones: Invalid input: expected array/,
      { format: 'pretix' },
    ],
    [
      'a plan without seats',
      pretixPlan({ plan: { zones: [] } }),
      /^the whole file: the chart has neither seats nor areas$/,
    ],
    [
      'a seat without a place',
      pretixPlan({ seat: { position: undefined } }),
      /^\/zones\/0\/rows\/0\/seats\/0\/position: Invalid input/,
    ],
    [
      'a seat placed by text',
      pretixPlan({ seat: { position: { x: '1', y: 0 } } }),
      /^\/zones\/0\/rows\/0\/seats\/0\/position\/x: Invalid input/,
    ],
    [
      'a seat at 1e308',
      pretixPlan({ seat: { position: { x: 1e308, y: 0 } } }),
      /^\/zones\/0\/rows\/0\/seats\/0\/position\/x: Too big/,
    ],
    [
      'a guid twice',
      pretixPlan({ seat: { seat_guid: 'guid-2' } }),
      /^\/zones\/0\/rows\/0\/seats\/1\/seat_guid: \/zones\/0\/rows\/0\/seats\/0 has the same/,
    ],
    [
      'a seat number twice',
      pretixPlan({ seat: { seat_number: '2' } }),
      /^\/zones\/0\/rows\/0\/seats\/1: row 1 of section Parkett has the seat 2 already/,
    ],
    [
      'a category nowhere listed',
      pretixPlan({ seat: { category: 'Loge' } }),
      /^\/zones\/0\/rows\/0\/seats\/0\/category: there is no category Loge$/,
    ],
    [
      'a category listed twice',
      pretixPlan({ plan: { categories: [{ name: 'Rang 1' }, { name: 'Rang 1' }] } }),
      /^\/categories\/1\/name: the category Rang 1 is listed twice$/,
    ],
    [
      'two pretix seats on one spot',
      pretixPlan({ seat: { position: { x: 50, y: 0 } } }),
      /^\/zones\/0\/rows\/0\/seats\/1: seat Parkett-1-2 lies on the same spot/,
    ],
    [
      'an area of unknown shape',
      pretixPlan({ zone: { areas: [{ shape: 'star' }] } }),
      /^\/zones\/0\/areas\/0\/shape: Invalid option/,
    ],
    [
      'a wheelchair that is no yes or no',
      pretixPlan({ seat: { wheelchair: 'maybe' } }),
      /^\/zones\/0\/rows\/0\/seats\/0\/wheelchair: Invalid input/,
    ],
  ];

t.ok(broken.length >= 40, `${broken.length} kinds of broken file`);
for (const [title, file, mistake, options] of broken) {
  t.test(`broken: ${title}`, (t) => {
    const result = file instanceof Uint8Array ? importChart(file, options) : imported(file, options);
    const [first, ...more] = errorsOf(result);
    t.match(first, mistake);
    t.strictSame(more, [], 'and nothing else');
    t.end();
  });
}

t.test('every mistake of a file is reported, each with its place', (t) => {
  const result = imported(
    `${head},x,y,attributes\nA,1,,x,0,0,\nA,1\n,1,1,x,q,1e9,throne\nA,2,"1"2,x,,,\nB,1,1,x,0,0,\nB,1,1,x,50,0,`,
  );
  t.strictSame(
    errorsOf(result).map((error) => error.replace(/: .*/, '')),
    [
      'line 2, column seat',
      'line 3',
      'line 4, column section',
      'line 4, column x',
      'line 4, column y',
      'line 4, column attributes',
      'line 5',
      'line 7, column seat',
    ],
  );
  t.end();
});

t.test('of a flood of mistakes 200 are listed and the rest is counted', (t) => {
  const result = imported(table(...Array.from({ length: 5_000 }, () => 'A,1,1')));
  if (result.ok) return t.fail('must be refused');
  t.equal(result.errors.listed.length, 200);
  t.equal(result.errors.omitted, 4_800);
  t.end();
});

t.test('our own format comes back as it is', (t) => {
  const source = generateChart('theatre', 'Golden');
  const result = imported(source);
  if (!result.ok) return t.fail(errorsOf(result).join());
  t.equal(result.compiled.chart.hash, compileChart(source).chart.hash);
  t.equal(result.warnings.listed.length, 0);
  const renamed = imported(source, { name: 'Other' });
  t.ok(renamed.ok && renamed.source.name === 'Other');
  t.equal(imported(tableOf(result.compiled.chart), { name: 'x'.repeat(81) }).ok, false, 'a name has its bounds too');
  t.end();
});
