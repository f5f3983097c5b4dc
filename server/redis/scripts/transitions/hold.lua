-- available → held, by the first candidate that is wholly free; a new hold.
-- hold(opId, holder, holdId, candidate, others)  others: further candidates, or false
-- Done with the hold. Refused notOpen, closed, paused, notAdmitted, heldTooLong, unknownSeat, limit, taken (of the last
-- candidate).
--- @include "includes/candidates"

-- How a new hold that has this cap ends when packed: phase, lapse, cap, price version, no booking. Most of a call have
-- the same.
local newExpiresAt, newCapAt, newEnd
atStart(function() newCapAt = nil end)

local function endOfNew(capAt)
  if capAt ~= newCapAt then
    newCapAt, newExpiresAt = capAt, math.min(now + holdTtl, capAt)
    newEnd = packValue(IN_HELD, newExpiresAt, newCapAt, priceVersion, '')
  end
  return newEnd
end

local function hold(opId, holderId, holdId, candidate, others)
  local known = holdOf(holdId)
  if known then
    if known[HOLDER] ~= holderId then return refuse('taken') end
    return known[PACKED]
  end
  local reason = whyNot(holderId)
  if reason then return refuse(reason) end
  local budgetEndsAt = budgetEnd(holderId)
  if budgetEndsAt <= now then return refuse('heldTooLong') end
  local seats, refusal = firstFree(holderId, candidate, others, 0)
  if not seats then return refusal, true end
  local count = #seats
  for i = 1, count do setSeat(seats[i], HELD, holdId) end
  addHold(holderId, holdId, count, now)
  local packed = HEAD .. textHead(#holdId) .. holdId .. textHead(#holderId) .. holderId .. packValue(seats)
    .. endOfNew(math.min(now + holdCap, budgetEndsAt))
  holds[holdId] = { packed, holdId, holderId, seats, IN_HELD, newExpiresAt, newCapAt, priceVersion, '' }
  touchedHolds[#touchedHolds + 1] = holdId
  record('hold', '', opId, HELD, 'held', packed)
  return packed
end
