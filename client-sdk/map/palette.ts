import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import type { Palette } from './scene.js';

/** Colours of the map. Categories take theirs by price, dearest first; the order keeps neighbours apart for colour-blind eyes. */
const byPrice = ['#22577a', '#d1603d', '#2f9c8c', '#e0a526', '#8f5f9e', '#5b9bd0', '#8a8f2c', '#b5838d'] as const;

export function mapPalette(event: Pick<EventView, 'prices'>, chart: Chart): Palette {
  const ranked = [...event.prices].sort((a, b) => b.amount - a.amount).map((price) => price.category);
  return {
    categories: chart.categories.map(
      (category) => byPrice[Math.max(0, ranked.indexOf(category)) % byPrice.length] ?? byPrice[0],
    ),
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
  };
}
