import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { type ChangeSink, withLists } from './changes.js';

/**
 * Caches at the edge, such as Varnish with xkey (deploy/varnish), told by HTTP what to forget:
 *   PURGE / with `xkey-purge: TAG TAG …`; the tag `all` is on every answer.
 *
 *   told ── a change ──→ owing ── the edge has answered 200 ──→ told
 *                        owing ── it has not ──→ owing: again every second; more than 5,000 tags become `all`
 *
 * A change waits for the first try only: an edge that is away keeps nobody else from hearing of it, and its answers run out
 * by themselves. Each tag is purged once more a moment later, because an answer that was on its way from a worker
 * during the first purge may be what was true before.
 */
const settleMs = 30;
const againMs = 700;
const retryMs = 1_000;
const answerMs = 2_000;
const mostTags = 5_000;
const tagsAtOnce = 100;
const all = 'all';

export function createEdgeSink(options: {
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}): ChangeSink & { stop(): void } {
  const { urls, clock, log } = options;
  const stopping = new AbortController();
  const edges = urls.map((url) => ({ url, owed: new Set<string>(), retrying: false }));
  type Edge = (typeof edges)[number];

  function owe({ owed }: Edge, tags: readonly string[]): void {
    for (const tag of tags) owed.add(tag);
    if (owed.size <= mostTags) return;
    owed.clear();
    owed.add(all);
  }

  async function tell(edge: Edge): Promise<void> {
    const tags = [...edge.owed];
    edge.owed.clear();
    try {
      for (let at = 0; at < tags.length; at += tagsAtOnce) {
        await purge(edge.url, tags.slice(at, at + tagsAtOnce));
      }
    } catch (error) {
      owe(edge, tags);
      log.warn({ edge: edge.url, reason: reasonOf(error) }, 'edge not purged');
      retry(edge);
    }
  }

  function retry(edge: Edge): void {
    if (edge.retrying || stopping.signal.aborted) return;
    edge.retrying = true;
    clock.after(retryMs, () => {
      edge.retrying = false;
      if (edge.owed.size > 0 && !stopping.signal.aborted) void tell(edge);
    });
  }

  async function tellAll(tags: readonly string[]): Promise<void> {
    const purgeOnce = () =>
      Promise.all(
        edges.map((edge) => {
          owe(edge, tags);
          return tell(edge);
        }),
      );
    // The workers are told at the same time; what they answer from now on is to be new.
    await clock.sleep(settleMs);
    await purgeOnce();
    clock.after(againMs, () => void purgeOnce());
  }

  return {
    name: 'edge',
    // What was not heard of runs out by itself.
    begin: async () => {},
    changed: (tags) => tellAll(withLists(tags)),
    everything: () => tellAll([all]),
    stop: () => stopping.abort(),
  };
}

async function purge(url: string, tags: readonly string[]): Promise<void> {
  const headers = { 'xkey-purge': tags.join(' ') };
  const answer = await fetch(url, { method: 'PURGE', headers, signal: AbortSignal.timeout(answerMs) });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
}
