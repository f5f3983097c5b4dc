/**
 * A picture of bars, in groups that each have a scale of their own. It brings its own light ground, so that it can be
 * read on a light page and on a dark one.
 */
export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Ours, in the colour that catches the eye. */
  readonly ours: boolean;
}

const WIDTH = 760;
const MARGIN = 24;
const LABELS = 270;
const LONGEST = WIDTH - LABELS - 2 * MARGIN - 70;
const ROW = 24;
const TITLE = 34;
const GAP = 14;
const colours = {
  ground: '#fdfcfa',
  edge: '#d9d5cc',
  text: '#26221c',
  faint: '#6b6459',
  ours: '#b3261e',
  other: '#b9b3a7',
};

export function barChart(groups: readonly Group[]): string {
  const parts: string[] = [];
  let y = MARGIN;
  for (const group of groups) {
    parts.push(drawGroup(group, y));
    y += TITLE + group.bars.length * ROW + GAP;
  }
  const height = y + MARGIN - GAP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    ` font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14">\n`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"`,
    ` fill="${colours.ground}" stroke="${colours.edge}"/>\n`,
    ...parts,
    '</svg>\n',
  ].join('');
}

function drawGroup({ title, bars }: Group, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const head = text(MARGIN, top + 18, title, `fill="${colours.text}" font-weight="600"`);
  return head + bars.map((bar, i) => drawBar(bar, top + TITLE + i * ROW, most)).join('');
}

function drawBar({ label, value, ours }: Bar, top: number, most: number): string {
  // A thin bar is still seen.
  const length = Math.max(2, Math.round((value / most) * LONGEST));
  const left = MARGIN + LABELS;
  const strong = ours ? `fill="${colours.text}" font-weight="600"` : `fill="${colours.faint}"`;
  return [
    text(left - 12, top + 13, label, `${strong} text-anchor="end"`),
    `<rect x="${left}" y="${top}" width="${length}" height="${ROW - 7}" rx="2"`,
    ` fill="${ours ? colours.ours : colours.other}"/>\n`,
    text(left + length + 8, top + 13, readable(value), strong),
  ].join('');
}

function text(x: number, y: number, words: string, how: string): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" ${how}>${safe}</text>\n`;
}

/** Three digits that matter, thousands apart. */
export function readable(value: number): string {
  const rounded = value === 0 ? 0 : Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 6 });
}
