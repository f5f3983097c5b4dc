-- available → blocked, all or none. Seats that are blocked already stay so.
-- block(opId, staff, '', seats)
-- Done; refused unknownSeat, taken (held or sold).

local function block(opId, staff, _, seats)
  local unknown = unknownSeats(seats)
  if unknown then return refuse('unknownSeat', unknown) end
  local free, taken = {}, {}
  for _, seat in ipairs(seats) do
    local status = statusOf(seat)
    if status == AVAILABLE or (status == HELD and not holdOf(ownerOf(seat))) then
      free[#free + 1] = seat
    elseif status ~= BLOCKED then
      taken[#taken + 1] = seat
    end
  end
  if #taken > 0 then return refuse('taken', taken) end
  for _, seat in ipairs(free) do setSeat(seat, BLOCKED, staff) end
  if #free > 0 then record('block', staff, opId, BLOCKED, '', nil, free) end
  return DONE
end
