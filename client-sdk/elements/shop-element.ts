import { type ElementShop, joinShop, type Opened, type ShopState } from './shops.js';
import { styles } from './styles.js';

/**
 * What all elements have in common: which server, key and event they are about, one shared client, and a shadow root.
 *
 * An element without `event` of its own belongs to the one that `for` names by id, else to the page's first element that has
 * one. Nothing runs before an element is in a document, and everything ends when it leaves.
 */
// On a server there is no HTMLElement, and nothing of this is ever made there.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

export abstract class ShopElement extends Base {
  static readonly observedAttributes: readonly string[] = ['server', 'key', 'event', 'for', 'locale'];
  #shop: ElementShop | undefined;
  #stops: (() => void)[] = [];
  #waiting: MutationObserver | undefined;
  #isBeginning = false;

  /** Undefined while the element is in no document, or does not know its event. */
  protected get shop(): ElementShop | undefined {
    return this.#shop;
  }

  protected get root(): ShadowRoot {
    if (this.shadowRoot) return this.shadowRoot;
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [styles()];
    return root;
  }

  /** Of numbers, prices and times; the page's by default. */
  get locale(): string | undefined {
    return this.getAttribute('locale') ?? (document.documentElement.lang || undefined);
  }

  connectedCallback(): void {
    this.#beginSoon();
  }

  disconnectedCallback(): void {
    this.#end();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#beginSoon();
  }

  /** Once for all attributes that are set in one go. */
  #beginSoon(): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    queueMicrotask(() => {
      this.#isBeginning = false;
      this.#end();
      if (this.isConnected) this.#begin();
    });
  }

  /** The client is there; the event may still be on its way. Stops are called when the element leaves. */
  protected abstract begin(shop: ElementShop): readonly (() => void)[];

  /** Tells the page. @returns false when it does not want what would follow. */
  protected tell(name: string, detail: object): boolean {
    return this.dispatchEvent(
      new CustomEvent(`cavea-${name}`, { detail, bubbles: true, composed: true, cancelable: true }),
    );
  }

  /** Calls back now and after each change, with the event once it is open. */
  protected whenOpen(
    shop: ElementShop,
    run: (opened: Opened) => void,
    otherwise?: (state: ShopState) => void,
  ): () => void {
    const look = () => {
      const state = shop.state.getSnapshot();
      if (state.name === 'open') run(state);
      else otherwise?.(state);
    };
    look();
    return shop.state.subscribe(look);
  }

  #begin(): void {
    const owner = this.#owner();
    if (!owner) {
      // The element that has the event may come later, as scripts make them in any order.
      this.#waiting = new MutationObserver(() => {
        if (this.#owner()) this.#beginSoon();
      });
      this.#waiting.observe(document, {
        childList: true,
        subtree: true,
        attributes: true,
        attributeFilter: ['event', 'id'],
      });
      return;
    }
    const server = owner.getAttribute('server') ?? location.origin;
    const settings = {
      server: server.replace(/\/$/, ''),
      key: owner.getAttribute('key') ?? '',
      event: owner.getAttribute('event') ?? '',
    };
    this.#shop = joinShop(settings);
    this.#stops = [...this.begin(this.#shop)];
  }

  #end(): void {
    this.#waiting?.disconnect();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#shop?.leave();
    this.#shop = undefined;
  }

  /** Whose server, key and event these are. */
  #owner(): Element | undefined {
    if (this.hasAttribute('event') || this.hasAttribute('key')) return this;
    const named = this.getAttribute('for');
    if (named !== null) return document.getElementById(named) ?? undefined;
    return [...document.querySelectorAll('[event][key]')].find((element) => element instanceof ShopElement);
  }
}
