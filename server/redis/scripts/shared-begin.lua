#!lua
-- Asks for what several processes read in the same moment: it is there, somebody else is reading it, or the caller is to.
-- What was read before the last change, or in another life of Redis, does not count.
--
-- KEYS[1] version  KEYS[2] entry
-- ARGV[1] lease    how long the caller may take for its reading, in ms
-- Returns nil when no changes are told, else {version}, {version, value} or {version, false, 1}: the caller is to read
--- @include "includes/server"

local version = redis.call('GET', KEYS[1])
if not version then return false end
version = currentRunId() .. version
local entry = redis.call('HMGET', KEYS[2], 'version', 'value')
if entry[1] == version then
  if entry[2] then return { version, entry[2] } end
  return { version }
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'version', version)
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return { version, false, 1 }
