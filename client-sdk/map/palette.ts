import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import type { Palette } from './scene.js';

/** What the map stands on. */
export type Scheme = 'light' | 'dark';

/** Colours of the map. Categories take theirs by price, dearest first; the order keeps neighbours apart for colour-blind eyes. */
const byPrice: Readonly<Record<Scheme, readonly [string, ...string[]]>> = {
  light: ['#22577a', '#d1603d', '#2f9c8c', '#e0a526', '#8f5f9e', '#5b9bd0', '#8a8f2c', '#b5838d'],
  dark: ['#cbe9ff', '#ec8a66', '#45b9a6', '#efc15a', '#bd92d0', '#4d8fd9', '#b3b94a', '#d9a9b1'],
};

const grounds: Readonly<Record<Scheme, Omit<Palette, 'categories'>>> = {
  light: {
    held: '#8d8678',
    sold: '#cfc8ba',
    mine: '#1d1a16',
    onMine: '#ffffff',
    section: '#fffdf9',
    sectionEdge: '#ddd5c6',
    sectionHover: '#f3e9d8',
    shape: '#e5ddcd',
    shapeText: '#8d8474',
    label: '#1d1a16',
    labelBack: 'rgba(255, 253, 249, 0.92)',
    text: '#1d1a16',
    faint: '#7a7264',
    focus: '#7a1f2b',
  },
  dark: {
    held: '#958c7c',
    sold: '#4a4338',
    mine: '#f8f2e7',
    onMine: '#16130f',
    section: '#211d18',
    sectionEdge: '#3f382e',
    sectionHover: '#302a22',
    shape: '#332d25',
    shapeText: '#a69b89',
    label: '#f4eee3',
    labelBack: 'rgba(33, 29, 24, 0.92)',
    text: '#f4eee3',
    faint: '#a69b89',
    focus: '#f0a3ac',
  },
};

export function mapPalette(event: Pick<EventView, 'prices'>, chart: Chart, scheme: Scheme = 'light'): Palette {
  const ranked = [...event.prices].sort((a, b) => b.amount - a.amount).map((price) => price.category);
  const colours = byPrice[scheme];
  return {
    ...grounds[scheme],
    categories: chart.categories.map(
      (category) => colours[Math.max(0, ranked.indexOf(category)) % colours.length] ?? colours[0],
    ),
  };
}
