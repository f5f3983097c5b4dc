-- New rules for the event, from the next operation on.
-- configure(opId, 'clock', '', rules)  rules: {opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, ...}, see event.lua
-- Done.

local function configure(_, _, _, newRules)
  local packed = cmsgpack.pack(newRules)
  if packed ~= packedRules then
    useRules(packed)
    rulesChanged = true
  end
  return DONE
end
