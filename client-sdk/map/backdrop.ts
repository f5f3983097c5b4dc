import type { Camera } from './camera.js';
import { centroid, type Scene } from './scene.js';

/** What lies below the seats: stage, field, floor, sections and general-admission areas. */
export interface BackdropState {
  readonly hoveredSection: number | undefined;
  readonly hoveredArea: number | undefined;
}

export function drawBackdrop(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  camera: Camera,
  ratio: number,
  state: BackdropState,
): void {
  const { chart, palette } = scene;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, camera.width, camera.height);
  pen.lineJoin = 'round';
  for (const shape of chart.shapes) {
    trace(pen, shape.outline, camera);
    pen.fillStyle = palette.shape;
    pen.fill();
    if (shape.name) name(pen, shape.name, shape.outline, camera, palette.shapeText);
  }
  chart.sections.forEach((section, at) => {
    trace(pen, section.outline, camera);
    pen.fillStyle = at === state.hoveredSection ? palette.sectionHover : palette.section;
    pen.fill();
    pen.strokeStyle = palette.sectionEdge;
    pen.lineWidth = 1;
    pen.stroke();
  });
  chart.areas.forEach((area, at) => {
    trace(pen, area.outline, camera);
    pen.globalAlpha = at === state.hoveredArea ? 0.9 : 0.7;
    pen.fillStyle = palette.categories[area.category] ?? palette.section;
    pen.fill();
    pen.globalAlpha = 1;
  });
}

function trace(pen: CanvasRenderingContext2D, outline: readonly number[], camera: Camera): void {
  pen.beginPath();
  for (let i = 0; i < outline.length; i += 2) {
    pen.lineTo(camera.screenX(outline[i] ?? 0), camera.screenY(outline[i + 1] ?? 0));
  }
  pen.closePath();
}

/** A name in the middle of a shape, where the shape is large enough for it. */
function name(
  pen: CanvasRenderingContext2D,
  text: string,
  outline: readonly number[],
  camera: Camera,
  colour: string,
): void {
  const xs = outline.filter((_, at) => at % 2 === 0);
  const width = (Math.max(...xs) - Math.min(...xs)) * camera.scale;
  const size = Math.min(22, Math.max(9, width / 10));
  pen.font = `600 ${size}px system-ui, sans-serif`;
  const spaced = text.toUpperCase().split('').join('\u200a');
  if (pen.measureText(spaced).width > width * 0.9) return;
  const middle = centroid(outline);
  pen.fillStyle = colour;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(spaced, camera.screenX(middle.x), camera.screenY(middle.y));
}
