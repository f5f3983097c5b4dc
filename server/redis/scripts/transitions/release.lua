-- held → available by its holder (some seats or all) or staff; paying → available by its booking.
-- release(opId, actor, holdId, by, seats)  by: 'holder', 'booking' or 'staff'; seats: false for all
-- Done with the hold when some of it is left; refused gone, paying, notHeld. Ended by staff it is told 'forced'.

local function mayRelease(hold, actor, by)
  if not hold or (by == 'holder' and hold[HOLDER] ~= actor) then return 'gone' end
  if by == 'booking' then return hold[BOOKING] ~= actor and 'gone' or nil end
  if hold[PHASE] == IN_PAYING then return 'paying' end
end

local function release(opId, actor, holdId, by, seats)
  local hold = holdOf(holdId)
  local reason = mayRelease(hold, actor, by)
  if reason then return refuse(reason) end
  if not seats then
    endHold(hold, AVAILABLE, by == 'staff' and 'forced' or 'released', 'release', actor, opId)
    return DONE
  end
  local missing = notIn(hold, seats)
  if missing then return refuse('notHeld', missing) end
  return shrinkHold(hold, seats, AVAILABLE, 'released', 'release', actor, opId) or DONE
end
