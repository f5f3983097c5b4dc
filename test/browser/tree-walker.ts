import type { CDPSession, Page } from 'playwright-core';
import { systemClock } from '../../server/core/clock.js';

/**
 * A page as a screen reader has it: things with a role and a name from the browser's accessibility tree, and keys. It knows
 * no selectors, and runs nothing in the page.
 */
export interface TreeWalker {
  /** Waits for a thing. @returns its whole name. @throws Error with all that is there instead. */
  hear(role: string, name: RegExp): Promise<string>;
  /** Goes on by Tab until it is there. @throws Error when the page's end has come three times. */
  goTo(role: string, name: RegExp): Promise<void>;
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
}

interface Thing {
  readonly role: string;
  readonly name: string;
  readonly focused: boolean;
}

const patienceMs = 20_000;
const mostTabs = 400;

export async function walkTree(page: Page): Promise<TreeWalker> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Accessibility.enable');

  async function hear(role: string, name: RegExp): Promise<string> {
    const until = systemClock.monotonic() + patienceMs;
    for (;;) {
      const things = await thingsOf(devtools);
      const found = things.find((thing) => thing.role === role && name.test(thing.name));
      if (found) return found.name;
      if (systemClock.monotonic() > until) throw new Error(`no ${role} ${name} in: ${words(things)}`);
      await systemClock.sleep(100);
    }
  }

  return {
    hear,
    async goTo(role, name) {
      await hear(role, name);
      for (let tab = 0; tab < mostTabs; tab++) {
        // Of one role: a whole tree takes long, and there is a Tab for each seat.
        const things = await thingsOf(devtools, role);
        if (things.some((thing) => thing.focused && name.test(thing.name))) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab does not lead to ${role} ${name}`);
    },
    press: (key) => page.keyboard.press(key),
    type: (text) => page.keyboard.type(text),
  };
}

async function thingsOf(devtools: CDPSession, role?: string): Promise<Thing[]> {
  const { nodes } =
    role === undefined ? await devtools.send('Accessibility.getFullAXTree') : await nodesWith(devtools, role);
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties }) => ({
      role: String(role?.value ?? ''),
      name: String(name?.value ?? ''),
      focused: properties?.some((property) => property.name === 'focused' && property.value.value === true) ?? false,
    }));
}

async function nodesWith(devtools: CDPSession, role: string) {
  const { root } = await devtools.send('DOM.getDocument', { depth: 0 });
  return devtools.send('Accessibility.queryAXTree', { nodeId: root.nodeId, role });
}

function words(things: readonly Thing[]): string {
  const named = things.filter(({ role, name }) => name !== '' && !['StaticText', 'InlineTextBox'].includes(role));
  return named
    .slice(0, 60)
    .map(({ role, name }) => `${role} “${name}”`)
    .join(', ');
}
