-- paying → sold, or anything → sold: Postgres has decided. Seats that are sold already stay so.
-- sell(opId, bookingId, holdId, seats)  holdId: '' when there is none
-- Done; refused unknownSeat. Whoever else holds one of the seats loses it and is told 'forced'.

-- The held ones of these seats, by hold.
local function heldBy(seats)
  local byHold = {}
  for _, seat in ipairs(seats) do
    local owner = statusOf(seat) == HELD and ownerOf(seat)
    if owner then
      byHold[owner] = byHold[owner] or {}
      table.insert(byHold[owner], seat)
    end
  end
  return byHold
end

local function sell(opId, bookingId, holdId, seats)
  local unknown = unknownSeats(seats)
  if unknown then return refuse('unknownSeat', unknown) end
  for id, taken in pairs(heldBy(seats)) do
    local hold = holdOf(id)
    if hold then shrinkHold(hold, taken, SOLD, id == holdId and 'sold' or 'forced', 'sell', bookingId, opId) end
  end
  local rest = holdId ~= '' and holdOf(holdId)
  if rest then endHold(rest, AVAILABLE, 'released', 'sell', bookingId, opId) end
  local sold = {}
  for _, seat in ipairs(seats) do
    if statusOf(seat) ~= SOLD then
      sold[#sold + 1] = seat
      setSeat(seat, SOLD, false)
    end
  end
  if #sold > 0 then record('sell', bookingId, opId, SOLD, '', nil, sold) end
  return DONE
end
