#!lua flags=no-writes
-- Holds that have not ended: one by its id, or all of a holder.
--
-- KEYS[1] meta  KEYS[2] holds  KEYS[3] holders
-- ARGV[1] holdId  '' for all of the holder
-- ARGV[2] holder  '' for the one of holdId
-- Returns nil when the event is stale, else the packed holds; one that is due has ended
--- @include "includes/server"
--- @include "includes/holder-record"

local meta = redis.call('HMGET', KEYS[1], 'generation', 'runId', 'lastNow')
if not meta[1] or meta[2] ~= currentRunId() then return false end
local now = timeSince(tonumber(meta[3]))
local ids = { ARGV[1] }
if ARGV[2] ~= '' then
  ids = {}
  for id in eachHold(unpackHolder(redis.call('HGET', KEYS[3], ARGV[2]))) do ids[#ids + 1] = id end
end
local live = {}
for _, id in ipairs(ids) do
  local packed = redis.call('HGET', KEYS[2], id)
  local hold = packed and cmsgpack.unpack(packed)
  -- Fields as in includes/holds.lua: 4 is the phase (1: paying), 5 is expiresAt.
  if hold and (hold[4] == 1 or hold[5] > now) then live[#live + 1] = packed end
end
return live
