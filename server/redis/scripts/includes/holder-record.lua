-- How a holder is kept: 2 bytes seats in total, 1 byte next slot for an answer, 1 byte number of tags,
-- 2 bytes per tag, then the ids of its holds, each ended by a newline. By hand, because every operation reads and
-- writes one: half the time of a packed list.
--- @include "includes/lua"

-- CHANGED: it has to be written.
local TOTAL, NEXT, TAGS, HOLDS, CHANGED = 1, 2, 3, 4, 5

local function unpackHolder(packed)
  if not packed then return { 0, 0, '', '', false } end
  local high, low, nextSlot, tags = byte(packed, 1, 4)
  local tagsEnd = 4 + tags * 2
  return { high * 256 + low, nextSlot, sub(packed, 5, tagsEnd), sub(packed, tagsEnd + 1), false }
end

local function packHolder(holder)
  local total, tags = holder[TOTAL], holder[TAGS]
  if total < 0 then total = 0 elseif total > 65535 then total = 65535 end
  local low = total % 256
  return char((total - low) / 256, low, holder[NEXT], #tags / 2) .. tags .. holder[HOLDS]
end

-- A function that returns the id of each hold in turn.
local function eachHold(holder)
  return string.gmatch(holder[HOLDS], '[^\n]+')
end
