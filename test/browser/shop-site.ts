import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { Test } from 'tap';
import { z } from 'zod';
import type { Desk } from '../helpers/staff.js';

/** A shop's own web server, and a key for its origin. */
export async function startSite(
  t: Test,
  desk: Desk,
  answer: RequestListener,
): Promise<{ readonly url: string; readonly key: string }> {
  const site = createServer(answer);
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.teardown(() => {
    site.closeAllConnections();
    site.close();
  });
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  const wanted = { kind: 'publishable', name: url, origins: [url] };
  const { key } = await desk.done(z.object({ key: z.string() }), 'POST', '/keys', wanted);
  return { url, key };
}
