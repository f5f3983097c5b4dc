import { create } from 'qrcode';
import { svg } from '../../client-sdk/elements/dom.js';

/** A QR code as one SVG path: sharp on every screen and printer. */
export function qrCode(text: string): SVGElement {
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  const { size } = modules;
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (modules.get(row, column)) path += `M${column} ${row}h1v1h-1z`;
    }
  }
  return svg(
    'svg',
    {
      viewBox: `-3 -3 ${size + 6} ${size + 6}`,
      class: 'qr',
      role: 'img',
      'aria-label': 'QR code of the ticket',
      'shape-rendering': 'crispEdges',
    },
    svg('rect', { x: -3, y: -3, width: size + 6, height: size + 6, fill: '#fff' }),
    svg('path', { d: path, fill: '#000' }),
  );
}
