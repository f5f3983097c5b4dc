-- Seats as this call sees them: what Redis has, under an overlay of what the call has changed so far.
-- The map is 2 bits a seat, seat i in byte i / 4 at bit (i % 4) * 2; it is read in pages and changed byte by byte.
--- @include "includes/event"
--- @include "includes/digest"

local AVAILABLE, HELD, SOLD, BLOCKED = 0, 1, 2, 3
local PAGE = 1024
local WEIGHT = { [0] = 1, 4, 16, 64 }
local pages, bytes, changedBytes = {}, {}, {}
local owners = {}
local areaTaken = {}

local function isSeat(seat)
  return seat >= 0 and seat < seatCount and seat % 1 == 0
end

local function byteAt(at)
  local byte = bytes[at]
  if byte then return byte end
  local inPage = at % PAGE
  local number = (at - inPage) / PAGE
  local page = pages[number]
  if not page then
    page = redis.call('GETRANGE', statusKey, number * PAGE, number * PAGE + PAGE - 1)
    pages[number] = page
  end
  byte = string.byte(page, inPage + 1) or 0
  bytes[at] = byte
  return byte
end

local function statusOf(seat)
  local place = seat % 4
  local byte, weight = byteAt((seat - place) / 4), WEIGHT[place]
  return (byte - byte % weight) / weight % 4
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
  local byte, weight = byteAt(at), WEIGHT[place]
  local old = (byte - byte % weight) / weight % 4
  owners[seat] = owner
  if old == status then return end
  bytes[at] = byte + (status - old) * weight
  changedBytes[at] = true
  counts[old + 1] = counts[old + 1] - 1
  counts[status + 1] = counts[status + 1] + 1
  if seat < seatedCount then
    digest = bxor(digest, seatMix(seat, old), seatMix(seat, status))
  else
    countPlace(seat, old, status)
  end
end

local function ownerOf(seat)
  if owners[seat] == nil then owners[seat] = redis.call('HGET', seatsKey, seat) end
  return owners[seat]
end
