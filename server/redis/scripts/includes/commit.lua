-- The write phase: everything that the call has changed, at one position. Nothing here can be refused by Redis.
--- @include "includes/holds"
--- @include "includes/write"

local function writeSeats()
  local taken, freed, cells = {}, {}, {}
  for seat, owner in pairs(owners) do
    if owner then
      local n = #taken
      taken[n + 1], taken[n + 2] = seat, owner
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
  local kept, ended, expiries, payBys = {}, {}, {}, {}
  for id in pairs(changedHolds) do
    local hold = holds[id]
    if hold then
      local due = hold[PHASE] == IN_HELD and expiries or payBys
      local n, m = #kept, #due
      kept[n + 1], kept[n + 2] = id, packedHolds[id]
      due[m + 1], due[m + 2] = textOf(hold[EXPIRES_AT]), id
    else
      ended[#ended + 1] = id
    end
  end
  call('HSET', holdsKey, kept)
  call('HDEL', holdsKey, ended)
  call('ZREM', expiriesKey, leftHeld)
  call('ZADD', expiriesKey, expiries)
  call('ZREM', payByKey, leftPaying)
  call('ZADD', payByKey, payBys)
end

local function writeHolders()
  local fields = {}
  for id, holder in pairs(changedHolders) do
    local n = #fields
    fields[n + 1], fields[n + 2] = id, packHolder(holder)
  end
  for slot, entry in pairs(newAnswers) do
    local n = #fields
    fields[n + 1], fields[n + 2] = slot, entry
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
  if #entries == 0 and not rulesChanged then
    call('ZREM', expiriesKey, leftHeld)
    return nextDue()
  end
  writeSeats()
  writeHolds()
  writeHolders()
  writeMeta()
  local due = nextDue()
  local head = cmsgpack.pack(generation, seq, digest, now, due, rulesChanged and rules or false)
  local message = packedList(6, head, 7 * #entries, entries)
  redis.call('XADD', journalKey, '*', 'm', message)
  redis.call('SPUBLISH', ARGV[1], message)
  return due
end
