-- held → available, when due. Every call does that first; this operation is for calls that want nothing else.
-- expire(opId, 'clock')
-- Done.

local function expire()
  return DONE
end
