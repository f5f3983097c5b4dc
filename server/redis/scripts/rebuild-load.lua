#!lua flags=allow-oom
-- Middle steps of a rebuild, a part at a time. Safe to break off at any point: the next rebuild reads `holds` again.
--
-- KEYS[1] meta      KEYS[2] seats  KEYS[3] holds
-- KEYS[4] expiries  KEYS[5] payBy  KEYS[6] holders
-- ARGV[1] generation
-- ARGV[2] part  packed {fresh, kept holds, ended hold ids, owners, holders}
--   fresh: forget all owners of seats first; owners: seat, owner, ...; holders: {holder, total, hold ids, since}...
-- Returns 1, or 0 when this rebuild has been overtaken
--- @include "includes/server"
--- @include "includes/holder-record"

local meta = redis.call('HMGET', KEYS[1], 'rebuilding', 'rebuildRunId')
if meta[1] ~= ARGV[1] or meta[2] ~= currentRunId() then return 0 end
local fresh, kept, ended, owners, holders = unpack(cmsgpack.unpack(ARGV[2]))
if fresh then redis.call('DEL', KEYS[2], KEYS[4], KEYS[5]) end
for _, hold in ipairs(kept) do
  local due = hold[4] == 0 and KEYS[4] or KEYS[5]
  redis.call('HSET', KEYS[3], hold[1], cmsgpack.pack(hold))
  redis.call('ZADD', due, hold[5], hold[1])
end
for _, id in ipairs(ended) do redis.call('HDEL', KEYS[3], id) end
for i = 1, #owners, 2 do redis.call('HSET', KEYS[2], owners[i], owners[i + 1]) end
for _, entry in ipairs(holders) do
  -- Answers of past operations stay.
  local holder = unpackHolder(redis.call('HGET', KEYS[6], entry[1]))
  local holdingBefore = holder[HOLDS] ~= ''
  holder[TOTAL], holder[HOLDS] = entry[2], ''
  for _, id in ipairs(entry[3]) do holder[HOLDS] = holder[HOLDS] .. id .. '\n' end
  -- Time is held against nobody twice, and to nobody's loss: what is not known is taken from the holds that are left.
  if holdingBefore ~= (holder[HOLDS] ~= '') then
    holder[CLOCK] = math.max(0, (holdingBefore and timeSince(0) or entry[4]) - holder[CLOCK])
  end
  redis.call('HSET', KEYS[6], entry[1], packHolder(holder))
end
return 1
