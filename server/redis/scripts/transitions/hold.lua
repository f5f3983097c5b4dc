-- available → held, by the first candidate that is wholly free.
-- hold(opId, holder, holdId, session, candidates, joins)
--   joins: the seats join the hold `holdId` that the holder has; else that is a new id
-- Done with the hold. Refused notOpen, closed, paused, notAdmitted, gone (nothing to join), unknownSeat, limit,
-- taken (of the last candidate).

local function mayHold(session)
  if now < opensAt then return 'notOpen' end
  if closesAt > 0 and now >= closesAt then return 'closed' end
  if paused then return 'paused' end
  if roomOn and now >= tonumber(redis.call('HGET', admittedKey, session) or 0) then return 'notAdmitted' end
end

-- Seats that this holder really has: a count that a loss or a lapse has left too high must not refuse anybody.
local function recount(holderId)
  local holder, total = holderOf(holderId), 0
  for id in eachHold(holder) do
    local hold = holdOf(id)
    if hold then total = total + #hold[SEATS] end
  end
  holder[TOTAL] = total
end

local function withinLimit(holderId, seats)
  local holder = holderOf(holderId)
  if holder[TOTAL] + #seats > maxSeatsPerHolder then recount(holderId) end
  return holder[TOTAL] + #seats <= maxSeatsPerHolder
end

-- The seats that are not free. A held one whose hold is due becomes free by being looked at.
local function conflictsOf(seats)
  local conflicts
  for i = 1, #seats do
    local seat = seats[i]
    local status = statusOf(seat)
    if status ~= AVAILABLE and not (status == HELD and not holdOf(ownerOf(seat))) then
      conflicts = conflicts or {}
      conflicts[#conflicts + 1] = seat
    end
  end
  return conflicts
end

local function join(hold, seats, opId)
  for i = 1, #seats do
    setSeat(seats[i], HELD, hold[ID])
    table.insert(hold[SEATS], seats[i])
  end
  addSeats(hold[HOLDER], #seats)
  local packed = keepHold(hold)
  record('hold', '', opId, HELD, 'held', packed, seats)
  return packed
end

local function take(seats, opId, holderId, holdId)
  local capAt = now + holdCap
  local expiresAt = math.min(now + holdTtl, capAt)
  for i = 1, #seats do setSeat(seats[i], HELD, holdId) end
  addHold(holderId, holdId, #seats)
  local packed = keepHold({ holdId, holderId, seats, IN_HELD, expiresAt, capAt, priceVersion, '' })
  record('hold', '', opId, HELD, 'held', packed)
  return packed
end

local function unknownIn(candidates)
  for i = 1, #candidates do
    local unknown = unknownSeats(candidates[i])
    if unknown then return unknown end
  end
end

local function hold(opId, holderId, holdId, session, candidates, joins)
  local known = holdOf(holdId)
  if known and known[HOLDER] ~= holderId then return refuse(joins and 'gone' or 'taken') end
  if known and not joins then return cmsgpack.pack(known) end
  local reason = mayHold(session)
  if reason then return refuse(reason) end
  if joins and not (known and known[PHASE] == IN_HELD) then return refuse('gone') end
  local unknown = unknownIn(candidates)
  if unknown then return refuse('unknownSeat', unknown) end
  local conflicts
  for _, seats in ipairs(candidates) do
    if not withinLimit(holderId, seats) then return refuse('limit') end
    conflicts = conflictsOf(seats)
    if not conflicts then return known and join(known, seats, opId) or take(seats, opId, holderId, holdId) end
  end
  return refuse('taken', conflicts)
end
