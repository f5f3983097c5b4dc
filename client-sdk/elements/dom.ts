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

/** A page or a part of one: what to show, and how to end it. */
export interface View {
  readonly element: HTMLElement;
  destroy?(): void;
}
