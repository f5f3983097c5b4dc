-- Packed outcomes: nil is done, a hold record (8 fields) is done with a hold, {reason, seats} is a refusal.
--- @include "includes/seats"
local DONE = '\192'

local function refuse(reason, seats)
  return packValue({ reason, seats or {} }), true
end

-- The seats that are not seats of this event, or are named twice; nil when all is well.
local function unknownSeats(seats)
  if #seats == 1 and isSeat(seats[1]) then return nil end
  if #seats == 0 then return {} end
  local seen, unknown = {}, nil
  for i = 1, #seats do
    local seat = seats[i]
    if seen[seat] or not isSeat(seat) then
      unknown = unknown or {}
      unknown[#unknown + 1] = seat
    end
    seen[seat] = true
  end
  return unknown
end
