#!lua flags=allow-oom
-- Begins a life of the line, or raises the limit of the one that is there. Until then nobody can join.
--
-- KEYS[1] line
-- ARGV[1] life     a new one begins the line anew; the present one only raises the limit
-- ARGV[2] serving
-- ARGV[3] joined   the last place that may ever have been given
-- ARGV[4] limit
-- ARGV[5] drawn    the life that a draw of all places began; receipts of earlier ones say nothing any more; 0 for none
-- Returns 1

local life = tonumber(redis.call('HGET', KEYS[1], 'life') or 0)
if tonumber(ARGV[1]) > life then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'life', ARGV[1], 'serving', ARGV[2], 'joined', ARGV[3], 'since', time[1],
    'drawn', ARGV[5])
end
local limit = tonumber(redis.call('HGET', KEYS[1], 'limit') or 0)
if tonumber(ARGV[4]) > limit then redis.call('HSET', KEYS[1], 'limit', ARGV[4]) end
return 1
