-- What a buyer may take now: whether at all, how many, and which of the candidates. A candidate is a list of seats.
--- @include "includes/holds"
--- @include "includes/outcome"

local function whyNot(holderId)
  if now < opensAt then return 'notOpen' end
  if closesAt > 0 and now >= closesAt then return 'closed' end
  if paused then return 'paused' end
  if roomOn and now >= tonumber(redis.call('HGET', admittedKey, holderId) or 0) then return 'notAdmitted' end
end

-- What this holder really has: what a loss or a lapse has left too high must not refuse anybody.
local function recount(holder)
  local total, kept, isLost = 0, {}, false
  for id in eachHold(holder) do
    if not isThere(id) then isLost = true end
    local hold = holdOf(id)
    if hold then
      total = total + #hold[SEATS]
      kept[#kept + 1] = id .. '\n'
    end
  end
  holder[TOTAL], holder[HOLDS] = total, table.concat(kept)
  -- Nobody knows when a hold that was lost has ended: the time is forgiven.
  if isLost and #kept == 0 then holder[CLOCK] = 0 end
end

-- The time at which the holder, holding on, will have held seats for as long as one may.
local function budgetEnd(holderId)
  local holder = holderOf(holderId)
  local ends = holdingSince(holder, now) + holdBudget
  if ends > now then return ends end
  recount(holder)
  return holdingSince(holder, now) + holdBudget
end

local function withinLimit(holderId, count)
  local holder = holderOf(holderId)
  if holder[TOTAL] + count <= maxSeatsPerHolder then return true end
  recount(holder)
  return holder[TOTAL] + count <= maxSeatsPerHolder
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

local function unknownIn(candidate, others)
  local unknown = unknownSeats(candidate)
  for i = 1, others and #others or 0 do unknown = unknown or unknownSeats(others[i]) end
  return unknown
end

-- The first candidate that is free and within the limit when `leaving` seats go; else nil and the refusal.
local function firstFree(holderId, seats, others, leaving)
  local unknown = unknownIn(seats, others)
  if unknown then return nil, refuse('unknownSeat', unknown) end
  local conflicts
  for i = 0, others and #others or 0 do
    if i > 0 then seats = others[i] end
    if not withinLimit(holderId, #seats - leaving) then return nil, refuse('limit') end
    conflicts = conflictsOf(seats)
    if not conflicts then return seats end
  end
  return nil, refuse('taken', conflicts)
end
