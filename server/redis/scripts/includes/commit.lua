-- The write phase: everything that the call has changed, at one position. Nothing here can be refused by Redis.
--- @include "includes/holds"
--- @include "includes/write"

local function writeSeats()
  local taken, freed, cells = {}, {}, {}
  local t, f, c = 0, 0, 0
  for seat, owner in pairs(owners) do
    if owner then
      taken[t + 1], taken[t + 2] = format('%d', seat), owner
      t = t + 2
    else
      f = f + 1
      freed[f] = format('%d', seat)
    end
  end
  for at, cell in pairs(changedBytes) do
    cells[c + 1], cells[c + 2], cells[c + 3], cells[c + 4] = 'SET', 'u8', format('%d', at * 8), textOf(cell)
    c = c + 4
  end
  call('HSET', seatsKey, taken)
  call('HDEL', seatsKey, freed)
  call('BITFIELD', statusKey, cells)
end

local function writeHolds()
  local kept, ended, expiries, payBys = {}, {}, {}, {}
  local k, e = 0, 0
  for i = 1, #touchedHolds do
    local id = touchedHolds[i]
    local hold = holds[id]
    if hold then
      local due = hold[PHASE] == IN_HELD and expiries or payBys
      local d = #due
      kept[k + 1], kept[k + 2] = id, hold[PACKED]
      due[d + 1], due[d + 2] = textOf(hold[EXPIRES_AT]), id
      k = k + 2
    else
      e = e + 1
      ended[e] = id
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
  local fields, n = newAnswers, #newAnswers
  for id, holder in pairs(holders) do
    if holder[CHANGED] then
      fields[n + 1], fields[n + 2] = id, packHolder(holder)
      n = n + 2
    end
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
  redis.call('HSET', metaKey, 'seq', textOf(seq), 'digest', textOf(digest), 'lastNow', textOf(now),
    'counts', packValue(counts))
  if rulesChanged then redis.call('HSET', metaKey, 'rules', packedRules) end
end

local function nextDue()
  local first = redis.call('ZRANGE', expiriesKey, '0', '0', 'WITHSCORES')
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
  local head = packValue(generation, seq, digest, now, due, rulesChanged and rules or false)
  local message = packedList(6, head, 7 * #entries, entries)
  redis.call('XADD', journalKey, '*', 'm', message)
  redis.call('SPUBLISH', ARGV[1], message)
  return due
end
