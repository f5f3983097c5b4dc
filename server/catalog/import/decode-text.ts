import type { Report } from './report.js';

/** Our largest chart, every seat written out in pretix's way, takes about 50 MB. */
const maxBytes = 64 * 1024 * 1024;

/** A file's bytes as text without a byte-order mark; undefined, with the reason reported, when they are not UTF-8. */
export function decodeText(bytes: Uint8Array, report: Report): string | undefined {
  const start = { line: 1 };
  if (bytes.length === 0) report.error(start, 'the file is empty');
  else if (bytes.length > maxBytes) report.error(start, `the file has ${bytes.length} bytes; ${maxBytes} is the most`);
  else if (isUtf16(bytes)) report.error(start, 'the file is in UTF-16; save it as UTF-8');
  else return decodeUtf8(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), report);
  return undefined;
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function decodeUtf8(bytes: Buffer, report: Report): string | undefined {
  const text = bytes.toString('utf8');
  const again = Buffer.from(text);
  if (again.equals(bytes)) return text.replace(/^\ufeff/, '');
  const byte = firstDifference(bytes, again);
  const line = bytes.subarray(0, byte).toString('latin1').split('\n').length;
  const found = bytes[byte]?.toString(16).padStart(2, '0') ?? 'the end';
  report.error({ byte, line }, `0x${found} is not UTF-8 here; save the file as UTF-8`);
  return undefined;
}

/** Decoding puts a mark (U+FFFD) where a byte makes no sense, so that is where the two first differ. */
function firstDifference(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
