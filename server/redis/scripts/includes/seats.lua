-- Seats as this call sees them: what Redis has, under an overlay of what the call has changed so far.
-- The map is 2 bits a seat, seat i in byte i / 4 at bit (i % 4) * 2; it is read in pages and changed byte by byte.
--- @include "includes/event"
--- @include "includes/digest"
--- @include "includes/write"

local AVAILABLE, HELD, SOLD, BLOCKED = 0, 1, 2, 3
local PAGE = 1024
local WEIGHT = { [0] = 1, 4, 16, 64 }
local pages, changedBytes, owners, areaTaken

atStart(function() pages, changedBytes, owners, areaTaken = {}, {}, {}, {} end)

local function isSeat(seat)
  return seat >= 0 and seat < seatCount and seat % 1 == 0
end

local function byteAt(at)
  local changed = changedBytes[at]
  if changed then return changed end
  local inPage = at % PAGE
  local number = (at - inPage) / PAGE
  local page = pages[number]
  if not page then
    page = redis.call('GETRANGE', statusKey, textOf(number * PAGE), textOf(number * PAGE + PAGE - 1))
    pages[number] = page
  end
  return byte(page, inPage + 1) or 0
end

local function statusOf(seat)
  local place = seat % 4
  local cell, weight = byteAt((seat - place) / 4), WEIGHT[place]
  return (cell - cell % weight) / weight % 4
end

-- The area of a place, counted from 0; `areas` is start, capacity, start, capacity, ...
local function areaOf(seat)
  for i = 1, #areas, 2 do
    if seat < areas[i] + areas[i + 1] then return (i - 1) / 2 end
  end
end

local function countPlace(seat, old, status)
  local change = (status == AVAILABLE and 0 or 1) - (old == AVAILABLE and 0 or 1)
  if change == 0 then return end
  local area = areaOf(seat)
  areaTaken[area] = (areaTaken[area] or counts[area + 5]) + change
end

-- `owner` is the hold of a held seat, the staff id of a blocked one, false otherwise.
local function setSeat(seat, status, owner)
  local place = seat % 4
  local at = (seat - place) / 4
  local cell, weight = byteAt(at), WEIGHT[place]
  local old = (cell - cell % weight) / weight % 4
  owners[seat] = owner
  if old == status then return end
  changedBytes[at] = cell + (status - old) * weight
  counts[old + 1] = counts[old + 1] - 1
  counts[status + 1] = counts[status + 1] + 1
  if seat >= seatedCount then return countPlace(seat, old, status) end
  if old ~= AVAILABLE then digest = bxor(digest, seatMix(seat, old)) end
  if status ~= AVAILABLE then digest = bxor(digest, seatMix(seat, status)) end
end

local function ownerOf(seat)
  if owners[seat] == nil then owners[seat] = redis.call('HGET', seatsKey, seat) end
  return owners[seat]
end
