-- sold → available, after a refund. Seats that are not sold are left alone.
-- unsell(opId, bookingId, '', seats)
-- Done; refused unknownSeat.

local function unsell(opId, bookingId, _, seats)
  local unknown = unknownSeats(seats)
  if unknown then return refuse('unknownSeat', unknown) end
  local freed = {}
  for _, seat in ipairs(seats) do
    if statusOf(seat) == SOLD then
      freed[#freed + 1] = seat
      setSeat(seat, AVAILABLE, false)
    end
  end
  if #freed > 0 then record('unsell', bookingId, opId, AVAILABLE, '', nil, freed) end
  return DONE
end
