-- What Redis says of itself: which process it is, and the time.

-- Changes on every restart and promotion, so data that may have lost its tail cannot pass for whole.
local function currentRunId()
  local info = redis.call('INFO', 'server')
  local _, last = string.find(info, 'run_id:', 1, true)
  return string.sub(info, last + 1, last + 40)
end

-- Milliseconds since 1970, never before `lastNow`: a clock that is set back must not prolong holds.
local function timeSince(lastNow)
  local time = redis.call('TIME')
  return math.max(time[1] * 1000 + math.floor(time[2] / 1000), lastNow)
end
