-- The digest of the map, as protocol/status.ts defines it: XOR over a 32-bit mix of each seat's and area's state.
-- Numbers are doubles here: the first product stays below 2^53, the second is made of 16-bit halves.
local bxor, rshift, floor = bit.bxor, bit.rshift, math.floor
local AREA_KEYS = 1048576

local function mix(key)
  local x = key * 2654435761 % 4294967296
  x = bxor(x, rshift(x, 15)) % 4294967296
  local high = floor(x / 65536)
  x = ((x - high * 65536) * 2246822519 + (high * 2246822519 % 65536) * 65536) % 4294967296
  return bxor(x, rshift(x, 13))
end

local function seatMix(seat, status)
  if status == 0 then return 0 end
  return mix(seat * 4 + status)
end

local function areaMix(area, taken)
  if taken == 0 then return 0 end
  return mix(AREA_KEYS + area * 16384 + taken % 16384)
end
