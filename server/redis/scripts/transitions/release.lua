-- held → available by its holder (some seats or all) or staff; paying → available by its booking.
-- {'release', opId, actor, holdId, by, seats}  by: 'holder', 'booking' or 'staff'; seats: empty for all
-- Done with the hold when some of it is left; refused gone, paying, notHeld.

local function mayRelease(hold, actor, by)
  if not hold or (by == 'holder' and hold[HOLDER] ~= actor) then return 'gone' end
  if by == 'booking' then return hold[BOOKING] ~= actor and 'gone' or nil end
  if hold[PHASE] == IN_PAYING then return 'paying' end
end

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

local function release(operation)
  local opId, actor, holdId, by, seats = unpack(operation, 2)
  local hold = holdOf(holdId)
  local reason = mayRelease(hold, actor, by)
  if reason then return refuse(reason) end
  if #seats == 0 then seats = hold[SEATS] end
  local missing = notIn(hold, seats)
  if missing then return refuse('notHeld', missing) end
  return shrinkHold(hold, seats, AVAILABLE, 'released', 'release', actor, opId) or DONE
end
