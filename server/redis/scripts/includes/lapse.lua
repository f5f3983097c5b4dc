-- Ends due holds before anything else happens, at most 500 a call. Whatever is due beyond that ends when it is looked at.
--- @include "includes/holds"
--- @include "includes/write"

local LAPSES = '500'

local function lapseDue()
  local ids = redis.call('ZRANGEBYSCORE', expiriesKey, '-inf', textOf(now), 'LIMIT', '0', LAPSES)
  for _, id in ipairs(ids) do
    -- An id without a hold is left over from a loss: it only goes from the set.
    if not holdOf(id) then leftHeld[#leftHeld + 1] = id end
  end
end
