import { pack, unpack } from '../core/codec.js';
import type { LineNews } from './waiting-room.js';

/** What the background process tells the workers of a line. */
export function packLine(news: LineNews): Buffer {
  return pack(news);
}

export function unpackLine(bytes: Uint8Array): LineNews {
  return unpack(bytes) as LineNews;
}
