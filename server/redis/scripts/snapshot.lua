#!lua flags=no-writes
-- Everything about an event's seats at one position. Changes nothing: a hold that is due is still in it.
--
-- KEYS[1] meta  KEYS[2] status  KEYS[3] holds
-- Returns nil when the event is stale, else
-- {generation, seq, digest, now, packed rules, packed shape, status, packed holds}
--- @include "includes/server"

local meta = redis.call('HMGET', KEYS[1], 'generation', 'runId', 'seq', 'digest', 'lastNow', 'rules', 'shape')
if not meta[1] or meta[2] ~= currentRunId() then return false end
return {
  meta[1], meta[3], meta[4], timeSince(tonumber(meta[5])), meta[6], meta[7],
  redis.call('GET', KEYS[2]), redis.call('HVALS', KEYS[3]),
}
