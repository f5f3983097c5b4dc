-- What Redis says of itself: which process it is, and the time.

-- Changes on every restart and promotion, so data that may have lost its tail cannot pass for whole.
-- Asked once: what a library knows is in the memory of its process, and ends with it.
local runId
local function currentRunId()
  if not runId then
    local info = redis.call('INFO', 'server')
    local _, last = string.find(info, 'run_id:', 1, true)
    runId = string.sub(info, last + 1, last + 40)
  end
  return runId
end

-- Milliseconds since 1970, never before `lastNow`: a clock that is set back must not prolong holds.
local function timeSince(lastNow)
  local time = redis.call('TIME')
  return math.max(time[1] * 1000 + math.floor(time[2] / 1000), lastNow)
end
