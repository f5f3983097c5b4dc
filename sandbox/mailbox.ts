import { once } from 'node:events';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { ApiError } from './errors.js';
import type { Call, Reply, Route } from './http.js';
import { letterPage, mailboxPage } from './pages.js';

/** A mail server that sends nothing on: what arrives lies open on a page. */
export interface Mailbox {
  readonly port: number;
  /** Newest first. */
  letters(): readonly ReceivedLetter[];
  close(): Promise<void>;
}

export interface ReceivedLetter {
  readonly id: number;
  readonly to: readonly string[];
  readonly email: Email;
}

const mostLetters = 200;
const letterBytes = 5 * 1024 * 1024;

/** @param port 0 takes any free one. */
export async function openMailbox(port: number): Promise<Mailbox> {
  const letters: ReceivedLetter[] = [];
  let received = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: letterBytes,
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        PostalMime.parse(Buffer.concat(parts)).then((email) => {
          received += 1;
          letters.unshift({ id: received, to, email });
          letters.length = Math.min(letters.length, mostLetters);
          done();
        }, done);
      });
    },
  });
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the mailbox has no port');
  return {
    port: address.port,
    letters: () => letters,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export function mailboxRoutes(mailbox: Mailbox): Route[] {
  const own = (path: RegExp, run: (call: Call) => Reply): Route => ({ method: 'GET', path, kind: 'own', run });
  function letterOf({ params }: Call): ReceivedLetter {
    const letter = mailbox.letters().find(({ id }) => String(id) === params[0]);
    if (!letter) throw new ApiError(404, 'invalid_request_error', 'There is no such letter any more.');
    return letter;
  }
  return [
    own(/^\/mailbox$/, ({ query }) => {
      const to = query.get('to');
      const shown = mailbox.letters().filter((letter) => to === null || letter.to.includes(to));
      return { status: 200, html: mailboxPage(shown) };
    }),
    own(/^\/mailbox\/(\d+)$/, (call) => ({ status: 200, html: letterPage(letterOf(call)) })),
    own(/^\/mailbox\/(\d+)\/body$/, (call) => {
      const { email } = letterOf(call);
      return { status: 200, html: withPictures(email), letter: true };
    }),
    own(/^\/mailbox\/(\d+)\/(\d+)$/, (call) => {
      const attachment = letterOf(call).email.attachments[Number(call.params[1])];
      if (!attachment) throw new ApiError(404, 'invalid_request_error', 'There is no such attachment.');
      return { status: 200, bytes: bytesOf(attachment.content), type: attachment.mimeType };
    }),
  ];
}

/** Pictures that the letter brings with it take the place of its `cid:` addresses. */
function withPictures({ html = '', attachments }: Email): string {
  return attachments.reduce((page, { contentId, mimeType, content }) => {
    if (!contentId) return page;
    const cid = contentId.replace(/^<|>$/g, '');
    return page.replaceAll(`cid:${cid}`, `data:${mimeType};base64,${bytesOf(content).toString('base64')}`);
  }, html);
}

function bytesOf(content: string | ArrayBuffer | Uint8Array): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
}
