#!lua
-- A place in the waiting line: the one that the holder has; the one at which it was called and did not come, once; the one
-- that it had before the line was lost; or the next.
-- The counter alone decides the order. It stays below a limit that Postgres knows, so that no number is given twice.
--
-- KEYS[1] line  KEYS[2] places  KEYS[3] waiting  KEYS[4] left  KEYS[5] missed
-- ARGV[1] holder
-- ARGV[2] before  a place of an earlier life of this line, as its receipt says; 0 for none
-- ARGV[3] life    of that receipt
-- ARGV[4] may     1, or 0 when the holder may not have a new place now
-- Returns {place, life, isNew, moves}, {0, life, 0, moves} when the limit has to be raised first, {-1, …} while places are
-- drawn, {-2, …} when only a new one could be given, or nil when there is no line; moves: how often somebody has left it or
-- been called

local line = redis.call('HMGET', KEYS[1], 'life', 'joined', 'limit', 'serving', 'shut', 'drawn', 'moves')
local life = tonumber(line[1])
if not life then return false end
local moves = tonumber(line[7] or 0)
if line[5] then return { -1, life, 0, moves } end
local place = tonumber(redis.call('HGET', KEYS[2], ARGV[1]))
if place then return { place, life, 0, moves } end
local before = tonumber(ARGV[2])
local missed = tonumber(redis.call('HGET', KEYS[5], ARGV[1]))
if missed then
  redis.call('HDEL', KEYS[5], ARGV[1])
  place = missed
elseif before > tonumber(line[4]) and before <= tonumber(line[2]) and tonumber(ARGV[3]) < life
  and tonumber(ARGV[3]) >= tonumber(line[6] or 0)
  and redis.call('ZREM', KEYS[4], before) == 1 then
  place = before
elseif ARGV[4] == '0' then
  return { -2, life, 0, moves }
elseif tonumber(line[2]) >= tonumber(line[3]) then
  return { 0, life, 0, moves }
else
  place = redis.call('HINCRBY', KEYS[1], 'joined', 1)
end
redis.call('HSET', KEYS[2], ARGV[1], place)
redis.call('ZADD', KEYS[3], place, ARGV[1])
return { place, life, (missed or place == before) and 0 or 1, moves }
