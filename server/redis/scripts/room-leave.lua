#!lua flags=allow-oom
-- The holder gives its place up; those behind are one nearer. Nothing when it has none.
--
-- KEYS[1] line  KEYS[2] places  KEYS[3] waiting  KEYS[4] left
-- ARGV[1] holder
-- Returns 1 when it had a place, else 0

local place = tonumber(redis.call('HGET', KEYS[2], ARGV[1]))
if not place then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'moves', 1)
redis.call('ZREM', KEYS[3], ARGV[1])
local serving = tonumber(redis.call('HGET', KEYS[1], 'serving') or 0)
if place > serving then redis.call('ZADD', KEYS[4], place, place) end
return 1
