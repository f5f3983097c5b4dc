import { createTransport } from 'nodemailer';
import { type Delivery, type Letter, Undeliverable } from './delivery.js';

/** The only importer of nodemailer. Letters leave by SMTP_URL; without it none can. */
export interface Mailer {
  /** @throws Undeliverable when the address or the letter is refused for good (RFC 5321: 5yz). */
  carry(delivery: Delivery): Promise<void>;
  close(): void;
}

export interface MailerOptions {
  /** `smtp://user:password@host:587`, `smtps://…`; undefined when the house sends no mail. */
  readonly url: string | undefined;
  /** As in `Odeon <tickets@odeon.example>`. */
  readonly from: string;
  /** Undefined when there is nothing to write any more. */
  readonly write: (delivery: Delivery) => Promise<Letter | undefined>;
}

const waitMs = 15_000;

export function createMailer({ url, from, write }: MailerOptions): Mailer {
  // A letter is what we have made of it: no file and no address is read on the way.
  const safety = { disableFileAccess: true, disableUrlAccess: true };
  const waits = { connectionTimeout: waitMs, greetingTimeout: waitMs, socketTimeout: waitMs };
  const transport = url === undefined ? undefined : createTransport({ url, pool: true, ...safety, ...waits });
  return {
    async carry(delivery) {
      if (!transport) throw new Undeliverable('SMTP_URL is not set');
      const letter = await write(delivery);
      if (!letter) throw new Undeliverable('there is nothing to write any more');
      const { to, subject, text, html, attachments } = letter;
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          html,
          // The same letter sent twice is one letter.
          messageId: `<${delivery.id}@cavea>`,
          // RFC 3834: nobody's absence note is an answer to this.
          headers: { 'Auto-Submitted': 'auto-generated' },
          attachments: attachments.map(({ filename, type, content, cid }) => ({
            filename,
            content,
            contentType: type,
            ...(cid !== undefined && { cid, contentDisposition: 'inline' as const }),
          })),
        });
      } catch (error) {
        const code = (error as { responseCode?: unknown }).responseCode;
        if (typeof code === 'number' && code >= 500) throw new Undeliverable(`refused with ${code}`);
        throw error;
      }
    },
    close() {
      transport?.close();
    },
  };
}
