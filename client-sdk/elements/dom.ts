/** Elements without a framework. Nothing here takes HTML text, so nothing can be injected. */
export type Child = Node | string | undefined | false;

type Listener = (event: Event) => void;

/** Attributes by name; a function is a listener for the event of that name; `false` and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | Listener>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes);
  element.append(...kept(children));
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  apply(element, attributes);
  element.append(...kept(children));
  return element;
}

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
}

function kept(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== undefined && child !== false);
}

/**
 * Puts `children` in place of what `parent` holds. Whoever works by keyboard stays where they were: on the element of
 * the same name, or on the next one when that is gone (WCAG 2.2, 2.4.3 Focus Order).
 */
export function redraw(parent: HTMLElement, ...children: readonly HTMLElement[]): void {
  const root = parent.getRootNode();
  const focused = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
  const before = focusable(parent);
  const at = focused instanceof HTMLElement ? before.indexOf(focused) : -1;
  parent.replaceChildren(...children);
  const left = before[at];
  if (!left) return;
  const name = nameOf(left);
  const after = focusable(parent);
  (after.find((element) => nameOf(element) === name) ?? after[Math.min(at, after.length - 1)])?.focus();
}

function focusable(parent: HTMLElement): HTMLElement[] {
  return [...parent.querySelectorAll<HTMLElement>('a[href], button:enabled, input:enabled, select:enabled')];
}

function nameOf(element: HTMLElement): string {
  return `${element.tagName} ${element.getAttribute('aria-label') ?? element.getAttribute('name') ?? element.textContent}`;
}

/** A page or a part of one: what to show, and how to end it. */
export interface View {
  readonly element: HTMLElement;
  destroy?(): void;
}
