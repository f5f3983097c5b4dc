-- held → held, for as long as a new hold would last but not past its cap.
-- extend(opId, holder, holdId)
-- Done with the hold; refused gone, paying, holdTime (at its cap already).

local function extend(opId, holderId, holdId)
  local hold = holdOf(holdId)
  if not hold or hold[HOLDER] ~= holderId then return refuse('gone') end
  if hold[PHASE] == IN_PAYING then return refuse('paying') end
  if hold[EXPIRES_AT] >= hold[CAP_AT] then return refuse('holdTime') end
  -- Never earlier than promised, even when the rules have become stricter since.
  hold[EXPIRES_AT] = math.max(hold[EXPIRES_AT], math.min(now + holdTtl, hold[CAP_AT]))
  local packed = keepHold(hold)
  record('extend', '', opId, HELD, 'extended', packed)
  return packed
end
