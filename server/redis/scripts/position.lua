#!lua flags=no-writes
-- Where an event is: what a heartbeat confirms, and the readiness check of Redis.
--
-- KEYS[1] meta
-- Returns nil when the event is stale, else {generation, seq, digest, now}
--- @include "includes/server"

local meta = redis.call('HMGET', KEYS[1], 'generation', 'runId', 'seq', 'digest', 'lastNow')
if not meta[1] or meta[2] ~= currentRunId() then return false end
return { meta[1], meta[3], meta[4], timeSince(tonumber(meta[5])) }
