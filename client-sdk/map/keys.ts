/** Keys of the map: arrows move the cursor from seat to seat, Enter or Space chooses, + and − zoom, 0 shows all. */
export interface KeyHandlers {
  zoom(factor: number): void;
  fit(): void;
  step(dx: number, dy: number): void;
  choose(): void;
  leave(): void;
}

export function listenForKeys(element: HTMLElement, handlers: KeyHandlers): () => void {
  const actions: Record<string, () => void> = {
    '+': () => handlers.zoom(1.5),
    '=': () => handlers.zoom(1.5),
    '-': () => handlers.zoom(1 / 1.5),
    '0': () => handlers.fit(),
    ArrowLeft: () => handlers.step(-1, 0),
    ArrowRight: () => handlers.step(1, 0),
    ArrowUp: () => handlers.step(0, -1),
    ArrowDown: () => handlers.step(0, 1),
    Enter: () => handlers.choose(),
    ' ': () => handlers.choose(),
    Escape: () => handlers.leave(),
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  element.tabIndex = 0;
  element.addEventListener('keydown', press);
  return () => element.removeEventListener('keydown', press);
}
