-- The digest of the map, as protocol/status.ts defines it: XOR over a 32-bit mix of each seat's and area's state.
-- Numbers are doubles here: the first product stays below 2^53, the second is made of 16-bit halves. Plain arithmetic
-- where it can be, because a call of the bit library costs more than a division.
--- @include "includes/lua"

local AREA_KEYS = 1048576

local function mix(key)
  local x = key * 2654435761 % 4294967296
  x = bxor(x, (x - x % 32768) / 32768) % 4294967296
  local low = x % 65536
  local high = (x - low) / 65536
  x = (low * 2246822519 + high * 2246822519 % 65536 * 65536) % 4294967296
  return bxor(x, (x - x % 8192) / 8192)
end

-- An available seat counts for nothing: it is not asked for.
local function seatMix(seat, status)
  return mix(seat * 4 + status)
end

local function areaMix(area, taken)
  if taken == 0 then return 0 end
  return mix(AREA_KEYS + area * 16384 + taken % 16384)
end
