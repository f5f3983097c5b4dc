import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../server/core/paths.js';
import { newId } from '../../server/core/random.js';
import type { CommandClient } from '../../server/redis/client.js';
import { allScripts } from '../../server/redis/definitions.js';
import { loadScript } from '../../server/redis/script.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { ModelWorldSettings } from './world.js';

/** Bugs that seat engines have had, each to be planted into a copy of ours. */
export interface PlantedBug {
  readonly name: string;
  /** A world with the bug. @throws Error when the code has changed so that it cannot be planted. */
  plant(): ModelWorldSettings;
}

export const plantedBugs: readonly PlantedBug[] = [
  inLua('a release that does not ask whose hold it is', 'transitions/release', [
    ["if not hold or (by == 'holder' and hold[HOLDER] ~= actor) then", 'if not hold then'],
  ]),
  inLua('seats written before all of them have been checked', 'transitions/hold', [
    [
      'conflicts = conflictsOf(seats)\n',
      `conflicts = conflictsOf(seats)
       for _, seat in ipairs(seats) do
         if statusOf(seat) == AVAILABLE then setSeat(seat, HELD, holdId) end
       end\n`,
    ],
  ]),
  inLua('a hold of the free part of a run', 'transitions/hold', [
    [
      'conflicts = conflictsOf(seats)\n',
      `conflicts = conflictsOf(seats)
       local free = {}
       for _, seat in ipairs(seats) do
         if statusOf(seat) == AVAILABLE then free[#free + 1] = seat end
       end
       if #free > 0 then seats, conflicts = free, nil end\n`,
    ],
  ]),
  inLua('a digest that is linear', 'includes/digest', [
    ['local function mix(key)\n', 'local function mix(key)\n  if key then return key * 2654435761 % 4294967296 end\n'],
  ]),
  inLua('a lapse that frees half of the hold', 'includes/holds', [
    ['for i = 1, #seats do setSeat(', "for i = 1, change == 'expired' and math.ceil(#seats / 2) or #seats do setSeat("],
  ]),
  inLua('a repeat that is done again', 'includes/run', [['if answer then return answer end', '']]),
  { name: 'a repeat that is sent under another name', plant: () => ({ before: renamingRepeats }) },
  inLua('a claim that lapses', 'includes/holds', [
    ['if hold and hold[PHASE] == IN_HELD and hold[EXPIRES_AT] <= now', 'if hold and hold[EXPIRES_AT] <= now'],
  ]),
  inLua('a lock with the name of the buyer in it', 'transitions/hold', [
    ['local function conflictsOf(seats)', 'local function conflictsOf(seats, asker)'],
    ['conflicts = conflictsOf(seats)\n', 'conflicts = conflictsOf(seats, holderId)\n'],
    ['not holdOf(ownerOf(seat)))', '(holdOf(ownerOf(seat)) or {})[HOLDER] ~= asker)'],
  ]),
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

/** @param edits each replaces a text that is there exactly once. */
function inLua(name: string, file: string, edits: readonly (readonly [from: string, to: string])[]): PlantedBug {
  return {
    name,
    plant() {
      const folder = mkdtempSync(join(tmpdir(), 'cavea-scripts-'));
      try {
        cpSync(join(root, 'server/redis/scripts'), folder, { recursive: true });
        const path = join(folder, `${file}.lua`);
        writeFileSync(path, edits.reduce(edited, readFileSync(path, 'utf8')));
        const sources = new Map<unknown, string>(
          allScripts.map((script) => [script.sha, loadScript(folder, script.name)]),
        );
        return { around: (commands) => withScripts(commands, sources) };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

function edited(text: string, [from, to]: readonly [from: string, to: string]): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`not there exactly once, so the bug cannot be planted: ${from}`);
  return parts.join(to);
}

/** @param sources what runs instead of the script with this digest. */
function withScripts(commands: CommandClient, sources: ReadonlyMap<unknown, string>): CommandClient {
  return {
    async call(command, args) {
      const source = command === 'evalsha' ? sources.get(args[0]) : undefined;
      return source === undefined ? commands.call(command, args) : commands.call('eval', [source, ...args.slice(1)]);
    },
  };
}
