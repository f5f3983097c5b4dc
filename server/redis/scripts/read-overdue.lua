#!lua flags=no-writes
-- Holds in phase paying whose deadline has passed, oldest first.
--
-- KEYS[1] meta  KEYS[2] holds  KEYS[3] payBy
-- ARGV[1] limit
-- Returns nil when the event is stale, else the packed holds
--- @include "includes/server"

local meta = redis.call('HMGET', KEYS[1], 'generation', 'runId', 'lastNow')
if not meta[1] or meta[2] ~= currentRunId() then return false end
local now = timeSince(tonumber(meta[3]))
local overdue = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local packed = redis.call('HGET', KEYS[2], id)
  if packed then overdue[#overdue + 1] = packed end
end
return overdue
