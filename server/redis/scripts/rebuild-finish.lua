#!lua flags=allow-oom
-- Last step of a rebuild: the map, the rules and, last of all, the generation. The event is live from here on.
--
-- KEYS[1] meta  KEYS[2] status  KEYS[3] expiries
-- ARGV[1] generation
-- ARGV[2] channel  where the new position is published
-- ARGV[3] status   the map, 2 bits an index
-- ARGV[4] event    packed {digest, counts, rules, shape}
-- Returns nextDue (0: no hold can lapse), or nil when this rebuild has been overtaken
-- Publishes a message without entries at seq 0 of the new epoch (includes/message.lua)
--- @include "includes/server"

local meta = redis.call('HMGET', KEYS[1], 'rebuilding', 'rebuildRunId', 'lastNow')
if meta[1] ~= ARGV[1] or meta[2] ~= currentRunId() then return false end
local digest, counts, rules, shape = unpack(cmsgpack.unpack(ARGV[4]))
local now = timeSince(tonumber(meta[3] or 0))
local due = tonumber(redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or 0)
local message = cmsgpack.pack({ tonumber(ARGV[1]), 0, digest, now, due, rules })
redis.call('SET', KEYS[2], ARGV[3])
redis.call('HSET', KEYS[1], 'seq', 0, 'digest', digest, 'lastNow', now,
  'counts', cmsgpack.pack(counts), 'rules', cmsgpack.pack(rules), 'shape', cmsgpack.pack(shape))
redis.call('HDEL', KEYS[1], 'rebuilding', 'rebuildRunId')
redis.call('HSET', KEYS[1], 'runId', currentRunId(), 'generation', ARGV[1])
redis.call('SPUBLISH', ARGV[2], message)
return due
