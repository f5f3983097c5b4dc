import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core';
import type { z } from 'zod';

/** A real browser, and what its pages complained about. */
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];
const quiet = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface BrowserOptions {
  /** Software WebGL, or none at all: then the map is drawn by Canvas 2D. */
  readonly graphics?: 'webgl' | 'none';
  /** What the camera sees: a Y4M file, again and again. */
  readonly camera?: string;
}

/** @throws Error saying what to install when there is no Chromium. */
export function launchChromium({ graphics = 'none', camera }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM_PATH ?? '', ...places].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('This needs Chromium: install it, or name it in CHROMIUM_PATH.');
  const drawing =
    graphics === 'webgl'
      ? ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
      : ['--disable-gpu', '--disable-3d-apis'];
  const seeing =
    camera === undefined
      ? []
      : [
          '--use-fake-ui-for-media-stream',
          '--use-fake-device-for-media-stream',
          `--use-file-for-fake-video-capture=${camera}`,
        ];
  return chromium.launch({ executablePath, args: [...quiet, ...drawing, ...seeing] });
}

export interface Window {
  readonly page: Page;
  /** Errors of scripts, of the console and of the content policy, so far. */
  readonly complaints: readonly string[];
}

/** A window of another buyer: nothing is shared with the other windows. The map jumps instead of gliding. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, complaints };
}

/** What the expression comes to. A page's own policy may forbid it to evaluate text, but not its debugger. */
export async function valueInPage<T>(devtools: CDPSession, expression: string, schema: z.ZodType<T>): Promise<T> {
  const { result } = await devtools.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  return schema.parse(result.value);
}
