import { randomBelow } from '../../server/core/random.js';
import type { CommandClient } from '../../server/redis/client.js';

/** Calls that change seats get lost, one in so many: before Redis has them, or the answer after it has done them. */
export function cutLinks(
  commands: CommandClient,
  oneIn: number,
  cuts: { request: number; answer: number },
): CommandClient {
  return {
    ...commands,
    async call(command, args) {
      // grow and settle have nine keys; reading is not cut, because a read without an answer says nothing.
      if (command !== 'fcall' || args[1] !== 9) return commands.call(command, args);
      const fate = randomBelow(2 * oneIn);
      if (fate === 0) {
        cuts.request++;
        throw new Error('Connection is closed.');
      }
      const answer = await commands.call(command, args);
      if (fate !== 1) return answer;
      cuts.answer++;
      throw new Error('Connection is closed.');
    },
  };
}
