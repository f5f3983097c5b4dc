import t from 'tap';
import { SeatAttribute } from '../../../../protocol/chart.js';
import { chartOf, imported, labelsOf, quoted, warningsOf } from './files.js';

t.test('2,500 seats with quoting and Unicode', (t) => {
  const sections = ['Parkett, links', 'Балкон', '桟敷', 'Loge "Königin"', 'Gradería'];
  const rows = Array.from({ length: 20 }, (_, row) => `Reihe ${row + 1}`);
  const lines = sections.flatMap((section, block) =>
    rows.flatMap((row, deep) =>
      Array.from({ length: 25 }, (_, seat) =>
        [section, row, `${seat + 1}`, block * 2_000 + seat * 55, deep * 90, deep < 5 ? 'Ränge, vorn' : 'Übrige', '']
          .map((field) => quoted(String(field)))
          .join(','),
      ),
    ),
  );
  const file = `\ufeffSection,ROW,seat,x,y,Category,attributes\r\n${lines.join('\r\n')}\r\n`;
  const result = imported(file, { name: 'Große Halle' });
  if (!result.ok) return t.fail('must be accepted');
  const { chart } = result.compiled;
  t.equal(chart.seats, 2_500);
  t.equal(new Set(labelsOf(chart)).size, 2_500);
  t.strictSame(
    chart.sections.map(({ key, name }) => [key, name]),
    [
      ['Parkett_links', 'Parkett, links'],
      ['Балкон', 'Балкон'],
      ['桟敷', '桟敷'],
      ['Loge_Königin', 'Loge "Königin"'],
      ['Gradería', 'Gradería'],
    ],
  );
  t.strictSame(chart.categories, ['range-vorn', 'ubrige']);
  t.equal(labelsOf(chart)[0], 'Parkett_links-Reihe_1-1');
  t.equal(warningsOf(result).length, 2 + 20 + 2, 'each changed name once');
  t.end();
});

t.test('columns in any order, other delimiters, line ends and empty lines', (t) => {
  const wanted = ['A-1-1', 'A-1-2'];
  for (const file of [
    'category,seat,row,section\nx,1,1,A\nx,2,1,A',
    'section;row;seat;category\r\nA;1;1;"x"\r\n\r\nA;1;2;x\r\n;;;\r\n',
    'section\trow\tseat\tcategory\rA\t1\t1\tx\rA\t1\t2\tx\r',
    '  Section , ROW,Seat,CATEGORY,note\nA, 1 ,1,x,"two, three"\nA,1,2,x,',
  ]) {
    t.strictSame(labelsOf(chartOf(file)), wanted, JSON.stringify(file));
  }
  t.end();
});

t.test('without x and y sections become blocks of rows', (t) => {
  const block = (section: string, rows: number, seats: number) =>
    Array.from({ length: rows * seats }, (_, at) => `${section},${Math.floor(at / seats) + 1},${(at % seats) + 1},x`);
  const file = ['section,row,seat,category', ...block('L', 4, 10), ...block('R', 4, 10), ...block('B', 2, 30)].join(
    '\n',
  );
  const chart = chartOf(file);
  const place = (label: string) => {
    const index = labelsOf(chart).indexOf(label);
    return { x: chart.x[index] ?? 0, y: chart.y[index] ?? 0 };
  };
  t.equal(place('L-1-2').x - place('L-1-1').x, 50);
  t.equal(place('L-2-1').y - place('L-1-1').y, 80);
  t.equal(place('R-1-1').y, place('L-1-1').y, 'side by side');
  t.ok(place('R-1-1').x > place('L-1-10').x);
  t.ok(place('B-1-1').y > place('R-4-1').y, 'the next shelf lies behind');
  t.ok(chart.focal.y < place('L-1-1').y, 'the stage is in front');
  t.equal(chart.rows.length, 10);
  t.strictSame(
    chart.rows.flatMap(({ gaps }) => gaps),
    [],
  );
  t.end();
});

t.test('rows with places are put in order by them', (t) => {
  const seats = [1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (seat) => `A,1,${seat},${seat * 50 + (seat > 6 ? 150 : 0)},0,x`,
  );
  const chart = chartOf(['section,row,seat,x,y,category', ...seats].join('\n'));
  t.strictSame(chart.rows[0]?.numbers, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  t.strictSame(chart.rows[0]?.gaps, [5], 'an aisle after the sixth');
  t.end();
});

t.test('a row round a corner keeps the order of the file', (t) => {
  const ring = Array.from({ length: 24 }, (_, at) => {
    const angle = (at / 24) * 2 * Math.PI;
    return `A,1,${at + 1},${Math.round(1_000 * Math.cos(angle))},${Math.round(1_000 * Math.sin(angle))},x`;
  });
  const chart = chartOf(['section,row,seat,x,y,category', ...ring].join('\n'));
  t.strictSame(
    chart.rows[0]?.numbers,
    ring.map((_, at) => String(at + 1)),
  );
  t.ok(Math.abs(chart.focal.y - chart.height / 2) < 50, 'seats all round look at the middle');
  t.end();
});

t.test('attributes in any spelling', (t) => {
  const chart = chartOf('section,row,seat,category,attributes\nA,1,1,x,"Wheelchair; STEPFREE|hearingLoop"\nA,1,2,x,');
  const { wheelchair, stepFree, hearingLoop } = SeatAttribute;
  t.strictSame([...chart.attributes], [wheelchair | stepFree | hearingLoop, 0]);
  t.end();
});

t.test('text stays text', (t) => {
  const chart = chartOf('section,row,seat,category\n=1+1|cmd,1,1,x');
  t.equal(chart.sections[0]?.name, '=1+1|cmd', 'a formula is a name like any other');
  t.end();
});

t.test('names that shorten to one key', (t) => {
  const file = [
    'section,row,seat,category',
    'Balcony Left Front Upper,1,1,Rang 1',
    'Balcony Left Front Lower,1,1,Rang-1',
    'Café,1,1,Δ',
    'Cafe\u0301,1,2,Δ',
  ].join('\n');
  const chart = chartOf(file);
  t.strictSame(labelsOf(chart), ['Balcony_Left_Fro-1-1', 'Balcony_Left_F.2-1-1', 'Café-1-1', 'Café-1-2']);
  t.strictSame(chart.categories, ['rang-1', 'rang-1-2', 'category']);
  t.end();
});
