import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import t, { type Test } from 'tap';
import { build } from 'vite';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { launchChromium, openWindow } from './chromium.js';
import { startSite } from './shop-site.js';

/** The examples of docs/sdk/, as they are written there: packed, put into an empty Vite project, built, and used. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const { desk } = await ownerOf(server);
const project = emptyProject();

async function newEvent(): Promise<string> {
  const { id } = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, id);
  return id;
}

function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Below the repository, so that React is found as in a project that has it. */
function emptyProject(): string {
  const folder = mkdtempSync(join(root, 'dist/vite-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  run(root, process.execPath, 'bin/sdk.mjs', join(folder, 'sdk'));
  run(folder, 'npm', 'pack', join(folder, 'sdk'), '--silent');
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const target = join(folder, 'node_modules/cavea-sdk');
  mkdirSync(target, { recursive: true });
  run(folder, 'tar', '-xzf', packed, '-C', target, '--strip-components=1');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** The first block of this language on the page. */
function exampleOf(page: string, language: string): string {
  const text = readFileSync(join(root, 'docs/sdk', page), 'utf8');
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (!found) throw new Error(`docs/sdk/${page} has no example`);
  return found;
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** A shop of its own origin that has this script alone. */
async function startShop(t: Test, file: string, script: string) {
  const folder = join(project, 'dist');
  const { url, key } = await startSite(t, desk, (request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    if (path.includes('..') || path === '/favicon.ico') return void response.writeHead(204).end();
    const type = types[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(join(folder, path)));
  });
  const text = script
    .replaceAll('https://tickets.example', server.url)
    .replaceAll('pk_…', key)
    .replaceAll('evt_…', await newEvent());
  writeFileSync(join(project, file), text);
  writeFileSync(
    join(project, 'index.html'),
    `<!doctype html><title>Shop</title><script type="module" src="/${file}"></script>`,
  );
  await build({ root: project, logLevel: 'error', build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' } });
  // Other workers hear of a new key a moment later.
  await systemClock.sleep(1_500);
  const window = await openWindow(browser);
  let sockets = 0;
  window.page.on('websocket', () => sockets++);
  await window.page.goto(url);
  return { ...window, sockets: () => sockets };
}

t.test('client', async (t) => {
  const { page, complaints } = await startShop(t, 'main.js', exampleOf('client.md', 'js'));
  await page.getByText('Yours for 10 minutes.').waitFor();
  t.equal(await page.title(), 'Live');
  t.same(complaints, []);
});

t.test('map', async (t) => {
  const { page, complaints } = await startShop(t, 'main.js', exampleOf('map.md', 'js'));
  await until('counted', async () => (await page.title()) === '32 free');
  await page.locator('canvas').first().waitFor();
  await page.locator('[tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await until('one less', async () => (await page.title()) === '31 free');
  t.same(complaints, []);
});

t.test('elements', async (t) => {
  const { page, complaints } = await startShop(t, 'main.js', exampleOf('elements.md', 'js'));
  await page.getByText('32 of 32 free').waitFor();
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Check out' }).waitFor();
  t.equal(exampleOf('elements.md', 'html'), readFileSync(join(root, 'docs/examples/embed.html'), 'utf8'));
  t.same(complaints, []);
});

t.test('React: the map is made once, whatever renders again; seats are held and shown', async (t) => {
  const { page, complaints, sockets } = await startShop(
    t,
    'main.jsx',
    `${exampleOf('react.md', 'jsx')}
    import { StrictMode, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    function Page() {
      const [times, setTimes] = useState(0);
      return <StrictMode><Show url="https://tickets.example" apiKey="pk_…" event="evt_…" />
        <button onClick={() => setTimes(times + 1)}>Again {times}</button></StrictMode>;
    }
    createRoot(document.body.appendChild(document.createElement('div'))).render(<Page />);`,
  );
  await page.locator('canvas').first().waitFor();
  await page.getByText('No seats yet').waitFor();
  await page.evaluate(`document.querySelector('canvas').dataset.first = 'yes'`);
  await page.getByRole('button', { name: 'Again 0' }).click();
  await page.getByRole('button', { name: 'Again 1' }).waitFor();
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByText('You have 1 seat').waitFor();
  t.equal(await page.locator('canvas[data-first=yes]').count(), 1, 'the same map');
  t.ok(sockets() <= 2, `${sockets()} sockets: strict mode mounts twice`);
  t.same(complaints, []);
});
