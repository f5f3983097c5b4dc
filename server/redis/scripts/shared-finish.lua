#!lua
-- Keeps what the caller has read, unless something has changed since it began; it has read in vain when `value` is empty.
--
-- KEYS[1] version  KEYS[2] entry
-- ARGV[1] version  as `shared-begin` has answered
-- ARGV[2] value
-- ARGV[3] keep     for so long, in ms
-- Returns 1 when it is kept, else 0
--- @include "includes/server"

if redis.call('HGET', KEYS[2], 'version') ~= ARGV[1] then return 0 end
local version = redis.call('GET', KEYS[1])
if ARGV[2] == '' or not version or currentRunId() .. version ~= ARGV[1] then
  redis.call('DEL', KEYS[2])
  return 0
end
redis.call('HSET', KEYS[2], 'value', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
