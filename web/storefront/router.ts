/** Moving between pages of the shop without loading the document again. */
const listeners = new Set<() => void>();

export function navigate(path: string): void {
  history.pushState(null, '', path);
  for (const listener of listeners) listener();
}

export function onNavigate(listener: () => void): void {
  listeners.add(listener);
  addEventListener('popstate', listener);
}
