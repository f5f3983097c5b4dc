-- How a holder is kept: 2 bytes seats in total, 1 byte next slot for an answer, 1 byte number of tags,
-- 2 bytes per tag, then the ids of its holds, each ended by a newline. By hand, because every operation reads and
-- writes one: half the time of a packed list.
local TOTAL, NEXT, TAGS, HOLDS = 1, 2, 3, 4

local function unpackHolder(packed)
  if not packed then return { 0, 0, '', '' } end
  local high, low, nextSlot, tags = string.byte(packed, 1, 4)
  return { high * 256 + low, nextSlot, string.sub(packed, 5, 4 + tags * 2), string.sub(packed, 5 + tags * 2) }
end

local function packHolder(holder)
  local total = math.max(0, math.min(holder[TOTAL], 65535))
  local low = total % 256
  return string.char((total - low) / 256, low, holder[NEXT], #holder[TAGS] / 2) .. holder[TAGS] .. holder[HOLDS]
end

-- A function that returns the id of each hold in turn.
local function eachHold(holder)
  return string.gmatch(holder[HOLDS], '[^\n]+')
end
