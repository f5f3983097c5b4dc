-- How a holder is kept: 2 bytes seats in total, 1 byte next slot for an answer, 1 byte 128 + number of tags, 6 bytes
-- clock, 2 bytes per tag, then the ids of its holds, each ended by a newline. Without the 128 there is no clock.
-- By hand, because every operation reads and writes one: half the time of a packed list.
--- @include "includes/lua"

-- CLOCK: ms that it has held seats in all, as long as it has no hold; while it has one, the time at which that count
-- would have been 0. CHANGED: it has to be written.
local TOTAL, NEXT, TAGS, HOLDS, CLOCK, CHANGED = 1, 2, 3, 4, 5, 6

local function unpackHolder(packed)
  if not packed then return { 0, 0, '', '', 0, false } end
  local hasClock = byte(packed, 4) >= 128
  local total, nextSlot, tags, clock, from = unpackStruct(hasClock and '>HBBI6' or '>HBB', packed)
  if hasClock then tags = tags - 128 else clock, from = 0, 5 end
  local tagsEnd = from - 1 + tags * 2
  return { total, nextSlot, sub(packed, from, tagsEnd), sub(packed, tagsEnd + 1), clock, false }
end

local function packHolder(holder)
  local total, tags = holder[TOTAL], holder[TAGS]
  if total < 0 then total = 0 elseif total > 65535 then total = 65535 end
  return packStruct('>HBBI6', total, holder[NEXT], 128 + #tags / 2, holder[CLOCK]) .. tags .. holder[HOLDS]
end

-- The time at which a holder would have begun who holds seats without a break and has held them for as long.
local function holdingSince(holder, now)
  return holder[HOLDS] == '' and now - holder[CLOCK] or holder[CLOCK]
end

-- A function that returns the id of each hold in turn.
local function eachHold(holder)
  return string.gmatch(holder[HOLDS], '[^\n]+')
end
