#!lua flags=allow-oom
-- These holders have been let in, up to this place: they wait no more. Saying it twice changes nothing.
--
-- KEYS[1] line  KEYS[2] places  KEYS[3] waiting  KEYS[4] left
-- ARGV[1] place
-- ARGV[2] holders  packed list
-- Returns the place that is served now

local serving = tonumber(redis.call('HGET', KEYS[1], 'serving') or 0)
for _, holder in ipairs(cmsgpack.unpack(ARGV[2])) do
  redis.call('HDEL', KEYS[2], holder)
  redis.call('ZREM', KEYS[3], holder)
end
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if tonumber(ARGV[1]) <= serving then return serving end
redis.call('HSET', KEYS[1], 'serving', ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[1])
return tonumber(ARGV[1])
