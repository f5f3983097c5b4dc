import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../server/core/paths.js';
import { newId } from '../../server/core/random.js';
import type { CommandClient } from '../../server/redis/client.js';
import { type Library, library, loadLibrary, readLibrary } from '../../server/redis/library.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { ModelWorldSettings } from './world.js';

/** Bugs that seat engines have had, each to be planted into a copy of ours. */
export interface PlantedBug {
  readonly name: string;
  /** A world with the bug. @throws Error when the code has changed so that it cannot be planted. */
  plant(): ModelWorldSettings;
}

/**
 * Each Lua bug is added to the end of a file and takes the place of functions that are there, by their names: it stays
 * planted when the inside of such a function changes, and cannot be planted when the function has gone.
 */
export const plantedBugs: readonly PlantedBug[] = [
  inLua('a release that does not ask whose hold it is', {
    file: 'transitions/release',
    replaces: ['mayRelease(hold, actor, by)'],
    lua: `local askingWhose = mayRelease
      mayRelease = function(hold, actor, by)
        return askingWhose(hold, hold and by == 'holder' and hold[HOLDER] or actor, by)
      end`,
  }),
  inLua('seats written before all of them have been checked', {
    file: 'includes/candidates',
    replaces: ['conflictsOf(seats)'],
    lua: `local onlyLooking = conflictsOf
      conflictsOf = function(seats)
        local conflicts = onlyLooking(seats)
        for _, seat in ipairs(seats) do
          if statusOf(seat) == AVAILABLE then setSeat(seat, HELD, 'hld_refused') end
        end
        return conflicts
      end`,
  }),
  inLua('a hold of the free part of a run', {
    file: 'includes/candidates',
    replaces: ['conflictsOf(seats)'],
    lua: `local ofAll = conflictsOf
      conflictsOf = function(seats)
        local conflicts = ofAll(seats)
        if not conflicts or #conflicts == #seats then return conflicts end
        for at = #seats, 1, -1 do
          if statusOf(seats[at]) ~= AVAILABLE then table.remove(seats, at) end
        end
      end`,
  }),
  inLua('a swap that lets go before it knows what it gets', {
    file: 'transitions/swap',
    replaces: ['swap(opId, holderId, holdId, leaving, candidates)'],
    lua: `local withoutGap = swap
      swap = function(opId, holderId, holdId, leaving, candidates)
        local known = holdOf(holdId)
        if known and known[PHASE] == IN_HELD and #leaving < #known[SEATS] and not notIn(known, leaving) then
          shrinkHold(known, leaving, AVAILABLE, 'released', 'release', holderId, opId)
        end
        return withoutGap(opId, holderId, holdId, {}, candidates)
      end`,
  }),
  inLua('a swap in somebody else’s hold', {
    file: 'transitions/swap',
    replaces: ['swap(opId, holderId, holdId, leaving, candidates)'],
    lua: `local inOwn = swap
      swap = function(opId, holderId, holdId, ...)
        local known = holdOf(holdId)
        return inOwn(opId, known and known[HOLDER] or holderId, holdId, ...)
      end`,
  }),
  inLua('a swap that starts the time of the hold afresh', {
    file: 'transitions/swap',
    replaces: ['swap(opId, holderId, holdId, leaving, candidates)'],
    lua: `local inItsTime = swap
      swap = function(opId, holderId, holdId, ...)
        local known = holdOf(holdId)
        if known and known[PHASE] == IN_HELD and known[HOLDER] == holderId then known[EXPIRES_AT] = now + holdTtl end
        return inItsTime(opId, holderId, holdId, ...)
      end`,
  }),
  inLua('a digest that is linear', {
    file: 'includes/digest',
    replaces: ['mix(key)'],
    lua: 'mix = function(key) return key * 2654435761 % 4294967296 end',
  }),
  inLua('a lapse that frees half of the hold', {
    file: 'includes/holds',
    replaces: ['endHold(hold, status, change, kind, actor, opId)'],
    lua: `local endWhole = endHold
      endHold = function(hold, status, change, ...)
        if change == 'expired' then hold[SEATS] = { unpack(hold[SEATS], 1, math.ceil(#hold[SEATS] / 2)) } end
        return endWhole(hold, status, change, ...)
      end`,
  }),
  inLua('a repeat that is done again', {
    file: 'includes/run',
    replaces: ['answerOf(holder, id, opId, tag)'],
    lua: 'answerOf = function() end',
  }),
  { name: 'a repeat that is sent under another name', plant: () => ({ before: renamingRepeats }) },
  inLua('a claim that lapses', {
    file: 'includes/holds',
    replaces: ['holdOf(id)'],
    lua: `local inPhase = holdOf
      holdOf = function(id)
        local hold = inPhase(id)
        if not hold or hold[EXPIRES_AT] > now then return hold end
        endHold(hold, AVAILABLE, 'expired', 'expire', 'clock', '')
        return false
      end`,
  }),
  inLua('a lock with the name of the buyer in it', {
    file: 'includes/candidates',
    replaces: ['conflictsOf(seats)', 'firstFree(holderId, seats, others, leaving)'],
    lua: `local ofAnybody, asAnybody, asker = conflictsOf, firstFree, nil
      conflictsOf = function(seats)
        local own
        for _, seat in ipairs(ofAnybody(seats) or {}) do
          local held = statusOf(seat) == HELD and holdOf(ownerOf(seat))
          if not held or held[HOLDER] == asker then
            own = own or {}
            own[#own + 1] = seat
          end
        end
        return own
      end
      firstFree = function(holderId, ...)
        asker = holderId
        return asAnybody(holderId, ...)
      end`,
  }),
];

function renamingRepeats(engine: SeatEngine): SeatEngine {
  const seen = new Set<string>();
  return {
    ...engine,
    apply(event, operation) {
      const name = `${event} ${operation.opId}`;
      const isRepeat = seen.has(name);
      seen.add(name);
      return engine.apply(event, isRepeat ? { ...operation, opId: newId('op') } : operation);
    },
  };
}

interface LuaBug {
  readonly file: string;
  /** The functions, with their parameters as the bug counts on them. */
  readonly replaces: readonly string[];
  readonly lua: string;
}

function inLua(name: string, { file, replaces, lua }: LuaBug): PlantedBug {
  return {
    name,
    plant() {
      const folder = mkdtempSync(join(tmpdir(), 'cavea-scripts-'));
      try {
        cpSync(join(root, 'server/redis/scripts'), folder, { recursive: true });
        appendFileSync(join(folder, `${file}.lua`), `\n${lua}\n`);
        const planted = readLibrary(folder);
        for (const one of replaces) {
          if (!planted.source.includes(`local function ${one}\n`)) {
            throw new Error(`“${name}” cannot be planted any more: there is no function ${one}`);
          }
        }
        return { around: (commands) => withLibrary(commands, planted) };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

/** @param planted what runs instead of the library. */
function withLibrary(commands: CommandClient, planted: Library): CommandClient {
  let loading: Promise<void> | undefined;
  return {
    ...commands,
    async call(command, [name, ...args]) {
      if (command !== 'fcall') return commands.call(command, name === undefined ? args : [name, ...args]);
      loading ??= loadLibrary(commands, planted);
      await loading;
      return commands.call('fcall', [String(name).replace(library.name, planted.name), ...args]);
    },
  };
}
