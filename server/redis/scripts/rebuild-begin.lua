#!lua flags=allow-oom
-- First step of a rebuild: from here on the event is stale for everybody until rebuild-finish.
-- A rebuild belongs to one generation and one process of Redis; a newer one takes over.
--
-- KEYS[1] meta
-- ARGV[1] generation  the new one
-- Returns 1, or 0 when a generation as new or newer is there or being built
--- @include "includes/server"

local generation = tonumber(ARGV[1])
local meta = redis.call('HMGET', KEYS[1], 'generation', 'rebuilding')
if generation <= tonumber(meta[1] or 0) or generation <= tonumber(meta[2] or 0) then return 0 end
redis.call('HSET', KEYS[1], 'rebuilding', generation, 'rebuildRunId', currentRunId())
redis.call('HDEL', KEYS[1], 'generation', 'runId')
return 1
