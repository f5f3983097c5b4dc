-- Holds as this call sees them, and the ways in which one changes. `holds[id]` is false when it has ended.
--- @include "includes/seats"
--- @include "includes/holders"
--- @include "includes/message"

-- A hold is a packed list of the 8 values from ID on; PACKED is that list.
local PACKED, ID, HOLDER, SEATS, PHASE, EXPIRES_AT, CAP_AT, PRICE_VERSION, BOOKING = 1, 2, 3, 4, 5, 6, 7, 8, 9
local IN_HELD, IN_PAYING = 0, 1
local HEAD = char(144 + 8)
local holds
-- Ids whose holds have to be written or deleted; one may be there twice.
local touchedHolds
-- Ids that leave the sorted set of their phase, unless they are put back.
local leftHeld, leftPaying

atStart(function() holds, touchedHolds, leftHeld, leftPaying = {}, {}, {}, {} end)

-- The values without the list around them fill a table at once; a list would grow it step by step.
local function readHold(id, packed)
  local hold = packed and { unpackSome(packed, 8, #HEAD) }
  if hold then hold[PACKED] = packed end
  holds[id] = hold
  return hold
end

local function leavePhase(hold)
  local left = hold[PHASE] == IN_HELD and leftHeld or leftPaying
  left[#left + 1] = hold[ID]
end

-- Writes the hold down as it is now; returns it packed, which is also the answer of most operations.
local function keepHold(hold)
  local packed = HEAD .. packValue(unpack(hold, ID, BOOKING))
  hold[PACKED] = packed
  touchedHolds[#touchedHolds + 1] = hold[ID]
  return packed
end

-- Ends a hold; its seats become `status`.
local function endHold(hold, status, change, kind, actor, opId)
  local id, seats, holder = hold[ID], hold[SEATS], hold[HOLDER]
  for i = 1, #seats do setSeat(seats[i], status, false) end
  removeHold(holder, id, #seats, kind == 'expire' and hold[EXPIRES_AT] or now)
  record(kind, actor == holder and '' or actor, opId, status, change, hold[PACKED])
  leavePhase(hold)
  holds[id] = false
  touchedHolds[#touchedHolds + 1] = id
end

local function isThere(id)
  if holds[id] == nil then readHold(id, redis.call('HGET', holdsKey, id)) end
  return holds[id] and true or false
end

-- The hold, if there is one and it has not ended. One that is due ends here, at the first look.
local function holdOf(id)
  if not id or not isThere(id) then return false end
  local hold = holds[id]
  if hold[PHASE] == IN_HELD and hold[EXPIRES_AT] <= now then
    endHold(hold, AVAILABLE, 'expired', 'expire', 'clock', '')
    return false
  end
  return hold
end

-- The seats that are not in the hold, or are named twice; nil when all are.
local function notIn(hold, seats)
  local has, missing = {}, nil
  for _, seat in ipairs(hold[SEATS]) do has[seat] = true end
  for _, seat in ipairs(seats) do
    if not has[seat] then
      missing = missing or {}
      missing[#missing + 1] = seat
    end
    has[seat] = nil
  end
  return missing
end

-- The seats of a hold without some of them.
local function restOf(hold, gone)
  local leaving, rest = {}, {}
  for i = 1, #gone do leaving[gone[i]] = true end
  for _, seat in ipairs(hold[SEATS]) do
    if not leaving[seat] then rest[#rest + 1] = seat end
  end
  return rest
end

-- Takes some seats out of a hold; they become `status`. The last one ends it.
local function shrinkHold(hold, gone, status, change, kind, actor, opId)
  if #gone == #hold[SEATS] then return endHold(hold, status, change, kind, actor, opId) end
  for _, seat in ipairs(gone) do setSeat(seat, status, false) end
  hold[SEATS] = restOf(hold, gone)
  addSeats(hold[HOLDER], -#gone)
  local packed = keepHold(hold)
  record(kind, actor == hold[HOLDER] and '' or actor, opId, status, change, packed, gone)
  return packed
end
