-- available → held, by the first candidate that is wholly free; the seats join a hold that the holder has.
-- join(opId, holder, holdId, candidate, others)  others: further candidates, or false
-- Done with the hold, its lapse, cap and price version unchanged. Refused as a new hold, or gone (none in phase held).
--- @include "includes/candidates"

local function join(opId, holderId, holdId, candidate, others)
  local known = holdOf(holdId)
  if not known or known[HOLDER] ~= holderId then return refuse('gone') end
  local reason = whyNot(holderId)
  if reason then return refuse(reason) end
  if known[PHASE] ~= IN_HELD then return refuse('gone') end
  local seats, refusal = firstFree(holderId, candidate, others, 0)
  if not seats then return refusal, true end
  for i = 1, #seats do
    setSeat(seats[i], HELD, holdId)
    table.insert(known[SEATS], seats[i])
  end
  addSeats(holderId, #seats)
  local packed = keepHold(known)
  record('hold', '', opId, HELD, 'held', packed, seats)
  return packed
end
