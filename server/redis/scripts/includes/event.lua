-- The event's own record: position, time, rules, size. Read once at the start of a call, written by commit.
--- @include "includes/keys"
--- @include "includes/server"

local generation, seq, digest, now
local rules, packedRules, rulesChanged
local opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, holdTtl, holdCap, payWindow, priceVersion, holdBudget
local seatCount, seatedCount, areas
local counts

local function useRules(packed)
  packedRules = packed
  rules = cmsgpack.unpack(packed)
  opensAt, closesAt, paused, roomOn, maxSeatsPerHolder = rules[1], rules[2], rules[3], rules[4], rules[5]
  holdTtl, holdCap, payWindow, priceVersion = rules[6], rules[7], rules[8], rules[9]
  -- Rules that an older server has written have none.
  holdBudget = rules[10] or math.huge
end

atStart(function() rulesChanged = false end)

-- False when Redis does not have this event, or not surely all of it.
local function readEvent()
  local meta = redis.call('HMGET', metaKey,
    'generation', 'runId', 'seq', 'digest', 'lastNow', 'rules', 'shape', 'counts')
  if not meta[1] or meta[2] ~= currentRunId() then return false end
  generation, seq, digest = tonumber(meta[1]), tonumber(meta[3]), tonumber(meta[4])
  now = timeSince(tonumber(meta[5]))
  useRules(meta[6])
  local shape = cmsgpack.unpack(meta[7])
  seatCount, seatedCount, areas = shape[1], shape[2], shape[3]
  counts = cmsgpack.unpack(meta[8])
  return true
end
