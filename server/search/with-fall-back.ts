import { isUnavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { Search } from './search.js';

/** One search, and another that answers while the first one cannot. Both are kept in step, the second one first. */
export function withFallBack(first: Search, second: Search, log: Logger): Search {
  return {
    async find(query) {
      try {
        return await first.find(query);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        log.warn({ reason: String(error.cause ?? error.message) }, 'the search falls back');
        return { ...(await second.find(query)), isFallBack: true };
      }
    },
    begin: async () => (await second.begin()) && (await first.begin()),
    async put(documents) {
      await second.put(documents);
      await first.put(documents);
    },
    async remove(events) {
      await second.remove(events);
      await first.remove(events);
    },
    async replaceAll(batches) {
      await second.replaceAll(batches);
      await first.replaceAll(batches);
    },
  };
}
