#!lua flags=no-writes
-- The line as everybody in it is told (protocol/line.ts), and who is next.
--
-- KEYS[1] line  KEYS[2] waiting  KEYS[3] left
-- ARGV[1] next  how many of those who are next
-- Returns {now, serving, joined, waiting, front, {place, leavers, ...}, {holder, place, ...}, life, since},
-- life 0 when there is no line; since: when this life began, in seconds

local FRONT, STEP = 1000, 1.0275
local line = redis.call('HMGET', KEYS[1], 'serving', 'joined', 'life', 'since')
local serving, joined = tonumber(line[1] or 0), tonumber(line[2] or 0)

-- One bit a place, lowest first.
local function bitmap(places, size)
  local bytes = {}
  for at = 1, math.ceil(size / 8) do bytes[at] = 0 end
  for _, place in ipairs(places) do
    local at = place - serving - 1
    local cell = math.floor(at / 8) + 1
    bytes[cell] = bytes[cell] + 2 ^ (at % 8)
  end
  for at = 1, #bytes do bytes[at] = string.char(bytes[at]) end
  return table.concat(bytes)
end

local near = math.min(FRONT, math.max(0, joined - serving))
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. serving, serving + near)
local farther, distance = {}, near
while serving + distance < joined do
  distance = math.min(math.ceil(distance * STEP), joined - serving)
  farther[#farther + 1] = serving + distance
  farther[#farther + 1] = redis.call('ZCOUNT', KEYS[3], '(' .. serving, serving + distance)
end
local time = redis.call('TIME')
-- Asked for none, a range up to -1 would be the whole line.
local following = ARGV[1] == '0' and {} or redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1, 'WITHSCORES')
return {
  time[1] * 1000 + math.floor(time[2] / 1000), serving, joined, redis.call('ZCARD', KEYS[2]),
  bitmap(gone, near), farther, following, tonumber(line[3] or 0), tonumber(line[4] or 0),
}
