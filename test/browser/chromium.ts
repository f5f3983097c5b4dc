import type { Browser } from 'playwright-core';
import { openWindow, type Window } from '../../bench/lib/chromium.js';

export { launchChromium, openWindow, type Window } from '../../bench/lib/chromium.js';

/** A window of the control room of this server, signed in; what is asked for confirmation is confirmed. */
export async function openControlRoom(browser: Browser, url: string, token: string): Promise<Window> {
  const window = await openWindow(browser);
  window.page.on('dialog', (dialog) => void dialog.accept());
  await window.page.goto(`${url}/admin`);
  await window.page.getByLabel('Staff token').fill(token);
  await window.page.getByRole('button', { name: 'Sign in' }).click();
  await window.page.getByRole('heading', { name: 'Events' }).waitFor();
  return window;
}
