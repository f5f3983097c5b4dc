import { systemClock } from '../../server/core/clock.js';
import type { TestServer } from './server.js';

/** Letters as whoever opens the sandbox's mailbox sees them. */
export interface SeenLetter {
  readonly subject: string;
  /** Its HTML, with pictures as data. */
  readonly body: string;
  /** The attached files by name. */
  file(name: string): Promise<string>;
}

/** The newest letter to `to` whose subject has these words; the test fails when it does not come within 15 s. */
export async function letterTo(server: TestServer, to: string, words: string): Promise<SeenLetter> {
  const until = systemClock.monotonic() + 30_000;
  for (;;) {
    const found = (await subjects(server, to)).find(({ subject }) => subject.includes(words));
    if (found) return open(server, found);
    if (systemClock.monotonic() > until) throw new Error(`no letter “${words}” to ${to}`);
    await systemClock.sleep(50);
  }
}

export async function subjects(server: TestServer, to: string): Promise<{ path: string; subject: string }[]> {
  const page = await read(server, `mailbox?to=${encodeURIComponent(to)}`);
  return [...page.matchAll(/<a href="(mailbox\/\d+)">([^<]*)<\/a>/g)].map(([, path = '', subject = '']) => ({
    path,
    subject,
  }));
}

async function open(server: TestServer, { path, subject }: { path: string; subject: string }): Promise<SeenLetter> {
  return {
    subject,
    body: await read(server, `${path}/body`),
    async file(name) {
      const page = await read(server, path);
      const [, at = ''] = new RegExp(`href="\\d+/(\\d+)" download="${name}"`).exec(page) ?? [];
      return read(server, `${path}/${at}`);
    },
  };
}

async function read(server: TestServer, path: string): Promise<string> {
  const answer = await fetch(`${server.url}/sandbox/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}
