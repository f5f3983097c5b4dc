-- Whether the keys of the event fit each other, as far as their sizes tell: a key that was lost alone is missed here.
--- @include "includes/seats"

local function isWhole()
  local holdsKept = redis.call('HLEN', holdsKey)
  return redis.call('STRLEN', statusKey) == math.ceil(seatCount / 4)
    and redis.call('HLEN', seatsKey) == counts[HELD + 1] + counts[BLOCKED + 1]
    and holdsKept == redis.call('ZCARD', expiriesKey) + redis.call('ZCARD', payByKey)
    and (holdsKept == 0 or redis.call('EXISTS', holdersKey) == 1)
end
