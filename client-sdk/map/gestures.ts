import type { Camera } from './camera.js';

/**
 * Fingers, mouse and wheel to camera moves. A press that moves less than 6 pixels is a tap.
 *
 *   none ── press ──→ pressed ── moves 6 px ──→ dragging;  second finger ──→ pinching
 *   pressed ── lift ──→ tap, none;   dragging, pinching ── lift ──→ none
 */
export interface GestureHandlers {
  /** The camera has moved. */
  onMove(): void;
  /** A click or tap, in pixels of the element. */
  onTap(x: number, y: number, touch: boolean): void;
  /** The mouse is here; undefined when it has left. */
  onHover(point: { x: number; y: number } | undefined): void;
}

const DRAG_FROM_PX = 6;

export function listenForGestures(element: HTMLElement, camera: Camera, handlers: GestureHandlers): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let tap: { x: number; y: number } | undefined;

  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const point = place(event);
    pointers.set(event.pointerId, point);
    element.setPointerCapture(event.pointerId);
    tap = pointers.size === 1 ? point : undefined;
  }

  function move(event: PointerEvent): void {
    const point = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') handlers.onHover(point);
      return;
    }
    if (tap && Math.hypot(point.x - tap.x, point.y - tap.y) < DRAG_FROM_PX) return;
    tap = undefined;
    handlers.onHover(undefined);
    if (pointers.size === 1) camera.pan(point.x - before.x, point.y - before.y);
    else pinch(event.pointerId, before, point);
    pointers.set(event.pointerId, point);
    handlers.onMove();
  }

  function pinch(id: number, before: { x: number; y: number }, point: { x: number; y: number }): void {
    const other = [...pointers].find(([pointer]) => pointer !== id)?.[1];
    if (!other) return;
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(point.x - other.x, point.y - other.y);
    camera.pan((point.x - before.x) / 2, (point.y - before.y) / 2);
    if (was > 0) camera.zoomAt((point.x + other.x) / 2, (point.y + other.y) / 2, is / was);
  }

  function up(event: PointerEvent): void {
    if (!pointers.delete(event.pointerId)) return;
    if (tap && event.type === 'pointerup') handlers.onTap(tap.x, tap.y, event.pointerType !== 'mouse');
    tap = undefined;
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = place(event);
    // A pinch on a track pad arrives as a wheel with Ctrl, in small steps; a line of a mouse wheel is about 16 px.
    const amount = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.0016);
    camera.zoomAt(x, y, Math.exp(-Math.max(-0.6, Math.min(0.6, amount))));
    handlers.onMove();
  }

  const leave = (): void => handlers.onHover(undefined);
  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('pointerleave', leave);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('pointerleave', leave);
    element.removeEventListener('wheel', wheel);
  };
}
