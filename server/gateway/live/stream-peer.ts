import type { Down } from '../../../protocol/down.js';
import type { Viewer } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import { encodeDown } from '../encode.js';
import type { Exchange } from '../http/exchange.js';
import type { Network } from '../network.js';
import type { Transport } from '../transport.js';
import type { Peer } from './peer.js';

/**
 * A stream of server-sent events as a client's connection. States: flowing ⇄ clogged (the reader is slow: nothing more is
 * written) → ended. Frames that come while clogged are dropped, and `onMissed` is called when the reader reads again:
 * memory stays bounded.
 */
export class StreamPeer implements Peer {
  readonly format = 'json';
  readonly viewers = new Map<string, Viewer>();
  readonly session: Session | undefined;
  readonly network: Network;
  readonly #exchange: Exchange;
  readonly #transport: Pick<Transport, 'join' | 'leave'>;
  readonly #topics = new Set<string>();
  readonly #hear = (frame: Uint8Array | string) => this.sendEncoded(frame);
  #clogged = false;
  #missed = false;

  constructor(
    exchange: Exchange,
    transport: Pick<Transport, 'join' | 'leave'>,
    { session, network }: { readonly session: Session | undefined; readonly network: Network },
    onMissed: () => void,
  ) {
    this.#exchange = exchange;
    this.#transport = transport;
    this.session = session;
    this.network = network;
    exchange.onWritable(() => {
      this.#clogged = false;
      if (!this.#missed) return;
      this.#missed = false;
      onMissed();
    });
    exchange.onEnd(() => {
      for (const topic of this.#topics) transport.leave(topic, this.#hear);
    });
  }

  send(frame: Down): void {
    this.sendEncoded(encodeDown(frame, 'json'));
  }

  sendEncoded(frame: Uint8Array | string): void {
    if (this.#clogged) this.#missed = true;
    else if (typeof frame === 'string') this.#clogged = !this.#exchange.write(eventText(frame));
  }

  join(topic: string): void {
    this.#topics.add(topic);
    this.#transport.join(topic, this.#hear);
  }

  leave(topic: string): void {
    this.#topics.delete(topic);
    this.#transport.leave(topic, this.#hear);
  }
}

/** The same frame goes to many streams one after the other: its text is made once. */
let lastFrame = '';
let lastText = '';

/** Only frames that state a map carry an id: a position that was merely confirmed must not hide a gap. */
export function eventText(frame: string): string {
  if (frame === lastFrame) return lastText;
  const { type, epoch, seq, toSeq } = JSON.parse(frame) as {
    type: string;
    epoch: number;
    seq?: number;
    toSeq?: number;
  };
  const id = type === 'snapshot' || type === 'diff' ? `id: ${epoch}:${toSeq ?? seq}\n` : '';
  lastFrame = frame;
  lastText = `${id}event: ${type}\ndata: ${frame}\n\n`;
  return lastText;
}
