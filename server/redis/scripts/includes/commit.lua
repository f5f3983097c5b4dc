-- The write phase: everything that the call has changed, at one position. Nothing here can be refused by Redis.
--- @include "includes/holds"

-- Below the size of the Lua stack, and a multiple of 4 so that no command is cut within a pair or a BITFIELD part.
local CHUNK = 4000

local function call(command, key, arguments)
  for first = 1, #arguments, CHUNK do
    redis.call(command, key, unpack(arguments, first, math.min(first + CHUNK - 1, #arguments)))
  end
end

local function writeSeats()
  local taken, freed, cells = {}, {}, {}
  for seat, owner in pairs(owners) do
    if owner then
      taken[#taken + 1] = seat
      taken[#taken + 1] = owner
    else
      freed[#freed + 1] = seat
    end
  end
  for at in pairs(changedBytes) do
    local n = #cells
    cells[n + 1], cells[n + 2], cells[n + 3], cells[n + 4] = 'SET', 'u8', at * 8, bytes[at]
  end
  call('HSET', seatsKey, taken)
  call('HDEL', seatsKey, freed)
  call('BITFIELD', statusKey, cells)
end

local function writeHolds()
  local kept, ended, expiries, notExpiring, payBys = {}, {}, {}, {}, {}
  for id, packed in pairs(changedHolds) do
    local hold = holds[id]
    if packed then
      kept[#kept + 1], kept[#kept + 2] = id, packed
      local due = hold[PHASE] == IN_HELD and expiries or payBys
      due[#due + 1], due[#due + 2] = hold[EXPIRES_AT], id
    else
      ended[#ended + 1] = id
    end
    if not packed or hold[PHASE] == IN_PAYING then notExpiring[#notExpiring + 1] = id end
  end
  call('HSET', holdsKey, kept)
  call('HDEL', holdsKey, ended)
  call('ZADD', expiriesKey, expiries)
  call('ZREM', expiriesKey, notExpiring)
  call('ZADD', payByKey, payBys)
  call('ZREM', payByKey, ended)
end

local function writeHolders()
  local fields = {}
  for id in pairs(changedHolders) do
    fields[#fields + 1], fields[#fields + 2] = id, cmsgpack.pack(holders[id])
  end
  for slot, answer in pairs(newAnswers) do
    fields[#fields + 1], fields[#fields + 2] = slot, answer
  end
  call('HSET', holdersKey, fields)
end

local function writeMeta()
  for area, taken in pairs(areaTaken) do
    digest = bxor(digest, areaMix(area, counts[area + 5]), areaMix(area, taken))
    counts[area + 5] = taken
  end
  seq = seq + 1
  digest = digest % 4294967296
  redis.call('HSET', metaKey, 'seq', seq, 'digest', digest, 'lastNow', now, 'counts', cmsgpack.pack(counts))
  if rulesChanged then redis.call('HSET', metaKey, 'rules', packedRules) end
end

local function nextDue()
  local first = redis.call('ZRANGE', expiriesKey, 0, 0, 'WITHSCORES')
  return tonumber(first[2] or 0)
end

-- One position a call, and none when nothing has changed. Returns nextDue, 0 when no hold can lapse.
local function commit()
  if #entries == 0 and not rulesChanged then return nextDue() end
  writeSeats()
  writeHolds()
  writeHolders()
  writeMeta()
  local due = nextDue()
  local message = cmsgpack.pack({ generation, seq, digest, now, due, rulesChanged and rules or false, entries })
  redis.call('XADD', journalKey, '*', 'm', message)
  redis.call('SPUBLISH', ARGV[1], message)
  return due
end
