#!lua
-- A place in the waiting line: the one that the holder has, or the next. The counter alone decides the order.
--
-- KEYS[1] line  KEYS[2] places  KEYS[3] waiting
-- ARGV[1] holder
-- Returns {place, serving}

local serving = tonumber(redis.call('HGET', KEYS[1], 'serving') or 0)
local place = tonumber(redis.call('HGET', KEYS[2], ARGV[1]))
if place then return { place, serving } end
place = redis.call('HINCRBY', KEYS[1], 'joined', 1)
redis.call('HSET', KEYS[2], ARGV[1], place)
redis.call('ZADD', KEYS[3], place, ARGV[1])
return { place, serving }
