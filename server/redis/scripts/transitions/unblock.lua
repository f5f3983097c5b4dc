-- blocked → available. Seats that are not blocked are left alone.
-- unblock(opId, staff, '', seats)
-- Done; refused unknownSeat.

local function unblock(opId, staff, _, seats)
  local unknown = unknownSeats(seats)
  if unknown then return refuse('unknownSeat', unknown) end
  local freed = {}
  for _, seat in ipairs(seats) do
    if statusOf(seat) == BLOCKED then
      freed[#freed + 1] = seat
      setSeat(seat, AVAILABLE, false)
    end
  end
  if #freed > 0 then record('unblock', staff, opId, AVAILABLE, '', nil, freed) end
  return DONE
end
