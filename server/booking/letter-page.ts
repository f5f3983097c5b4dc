import { escaped } from '../core/html.js';

/** A letter's two forms. Every value is escaped; styles are inline, because mail programs drop the others. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | {
      readonly kind: 'ticket';
      readonly seat: string;
      readonly detail: string;
      /** Of the picture of its code. */
      readonly cid: string;
      readonly id: string;
    };

export interface LetterPage {
  readonly title: string;
  readonly greeting: string;
  readonly blocks: readonly Block[];
  readonly footer: string;
}

export function textOf({ greeting, blocks, footer }: LetterPage): string {
  const parts = blocks.map((block) => {
    if (block.kind === 'text') return block.text;
    if (block.kind === 'link') return `${block.text}: ${block.url}`;
    return `${block.seat} (${block.detail})\n${block.id}`;
  });
  return `${[greeting, ...parts.filter((part) => part !== ''), '—', footer].join('\n\n')}\n`;
}

export function htmlOf({ title, greeting, blocks, footer }: LetterPage): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body style="margin:0;background:#f3f1ec;color:#1d1b16;font:16px/1.5 Helvetica,Arial,sans-serif">
<div style="max-width:34rem;margin:0 auto;padding:24px">
<h1 style="font:28px/1.2 Georgia,serif;margin:8px 0 16px">${escaped(title)}</h1>
<p>${escaped(greeting)}</p>
${blocks.map(htmlOfBlock).join('\n')}
<p style="color:#6b675d;font-size:13px;margin-top:32px">${escaped(footer)}</p>
</div>
</body>
</html>
`;
}

function htmlOfBlock(block: Block): string {
  if (block.kind === 'text') return block.text === '' ? '' : `<p>${escaped(block.text)}</p>`;
  if (block.kind === 'link') {
    return `<p><a href="${escaped(block.url)}" style="color:#1f4fd8">${escaped(block.text)}</a></p>`;
  }
  return `<div style="background:#fff;border-radius:12px;padding:20px;margin:16px 0">
<div style="font:22px/1.2 Georgia,serif">${escaped(block.seat)}</div>
<div style="color:#6b675d">${escaped(block.detail)}</div>
<img src="cid:${escaped(block.cid)}" alt="QR code of the ticket for ${escaped(block.seat)}" style="display:block;margin-top:12px;max-width:100%;image-rendering:pixelated">
</div>`;
}
