import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { launchChromium, openWindow } from './chromium.js';

/** The React example of docs/sdk.md, as it is written there, in strict mode. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());

const { desk } = await ownerOf(server);
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
await putOnSale(desk, event);

async function bundled(): Promise<string> {
  const page = await readFile(join(root, 'docs/sdk.md'), 'utf8');
  const [, example = ''] = /```jsx\n([\s\S]*?)```/.exec(page) ?? [];
  const contents = `${example}
    import { StrictMode, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    function Page() {
      const [times, setTimes] = useState(0);
      return <StrictMode><Show url={location.origin} apiKey={window.key} event={window.event_} />
        <button onClick={() => setTimes(times + 1)}>Again {times}</button></StrictMode>;
    }
    const place = document.createElement('div');
    document.body.replaceChildren(place);
    createRoot(place).render(<Page />);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'jsx' },
    ...{ bundle: true, write: false, format: 'iife', jsx: 'automatic', target: 'es2022' },
    alias: { 'cavea-sdk/react': join(root, 'client-sdk/react.ts') },
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return outputFiles[0]?.text ?? '';
}

t.test('the map is made once, whatever renders again; seats are held and shown', async (t) => {
  const { page, complaints } = await openWindow(browser);
  let sockets = 0;
  page.on('websocket', () => sockets++);
  await page.goto(`${server.url}/`);
  await page.evaluate(
    `window.key = ${JSON.stringify(server.storefrontKey)}; window.event_ = ${JSON.stringify(event)};`,
  );
  await page.evaluate(await bundled());
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
  t.ok(sockets <= 2, `${sockets} sockets: strict mode mounts twice`);
  t.same(complaints, []);
});
