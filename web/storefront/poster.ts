import { svg } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { type Inks, motifFor } from './poster-motifs.js';

/** A picture for an event that has none: its genre chooses the motif, its id the rest, so it is always the same one. */
const palettes: readonly (Inks & { readonly paper: string })[] = [
  { paper: '#f1e3c8', deep: '#7a1f2b', mid: '#d9603b', light: '#f2b84b' },
  { paper: '#dfe7e2', deep: '#12403f', mid: '#2f8f83', light: '#e8b04a' },
  { paper: '#e4e2ee', deep: '#2a2657', mid: '#6a5fc0', light: '#f08a6b' },
  { paper: '#f3ded6', deep: '#3c1a33', mid: '#b8405e', light: '#f3c98b' },
  { paper: '#dfe8ef', deep: '#10324e', mid: '#2e78b0', light: '#f4d06f' },
  { paper: '#ece6d4', deep: '#2f3a1c', mid: '#7d8f3a', light: '#e2783c' },
  { paper: '#f0e0dc', deep: '#4a1420', mid: '#c2503f', light: '#86b0a4' },
];

export function poster(event: EventView): SVGElement {
  const draw = dice(event.id);
  const { paper, ...inks } = palettes[draw(palettes.length)] ?? {
    paper: '#fff',
    deep: '#000',
    mid: '#888',
    light: '#ccc',
  };
  return svg(
    'svg',
    { viewBox: '0 0 300 380', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true', class: 'poster-art' },
    svg('rect', { width: 300, height: 380, fill: paper }),
    ...motifFor(event.genre, draw)(draw, inks),
  );
}

/** The same throws for the same text (mulberry32 after an FNV hash). */
function dice(text: string): (below: number) => number {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
