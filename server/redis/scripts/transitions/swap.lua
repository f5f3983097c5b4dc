-- held → held, with other seats: some go, and the first candidate that is wholly free comes, or nothing changes.
-- swap(opId, holder, holdId, leaving, candidates)
-- Done with the hold, its lapse, cap and price version unchanged. Refused as join, or notHeld.
--- @include "includes/candidates"

local function swap(opId, holderId, holdId, leaving, candidates)
  local known = holdOf(holdId)
  if not known or known[HOLDER] ~= holderId or known[PHASE] ~= IN_HELD then return refuse('gone') end
  local reason = whyNot(holderId)
  if reason then return refuse(reason) end
  local missing = notIn(known, leaving)
  if missing then return refuse('notHeld', missing) end
  local coming, refusal = firstFree(holderId, table.remove(candidates, 1), candidates, #leaving)
  if not coming then return refusal, true end
  local rest = restOf(known, leaving)
  for i = 1, #leaving do setSeat(leaving[i], AVAILABLE, false) end
  for i = 1, #coming do
    setSeat(coming[i], HELD, holdId)
    rest[#rest + 1] = coming[i]
  end
  known[SEATS] = rest
  addSeats(holderId, #coming - #leaving)
  local packed = keepHold(known)
  record('swap', '', opId, AVAILABLE, '', packed, leaving)
  record('swap', '', opId, HELD, 'swapped', packed, coming)
  return packed
end
