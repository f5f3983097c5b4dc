-- held → paying: the booking has until min(now, cap) + pay window; the hold does not lapse by itself any more.
-- claim(opId, holder, holdId, bookingId)
-- Done with the hold; refused gone, paying (by another booking).

local function claim(opId, holderId, holdId, bookingId)
  local hold = holdOf(holdId)
  if not hold or hold[HOLDER] ~= holderId then return refuse('gone') end
  if hold[PHASE] == IN_PAYING then
    if hold[BOOKING] ~= bookingId then return refuse('paying') end
    return hold[PACKED]
  end
  leavePhase(hold)
  hold[PHASE], hold[BOOKING] = IN_PAYING, bookingId
  hold[EXPIRES_AT] = math.min(now, hold[CAP_AT]) + payWindow
  local packed = keepHold(hold)
  record('claim', '', opId, HELD, 'paying', packed)
  return packed
end
