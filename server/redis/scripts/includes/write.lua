-- Writing many things by one command.

-- Below the size of the Lua stack, and a multiple of 4 so that no command is cut within a pair or a BITFIELD part.
local CHUNK = 4000

local function call(command, key, arguments)
  for first = 1, #arguments, CHUNK do
    redis.call(command, key, unpack(arguments, first, math.min(first + CHUNK - 1, #arguments)))
  end
end

-- Most holds of a call end at the same time: its text is made once.
local texts = {}
local function textOf(time)
  local text = texts[time]
  if not text then
    text = string.format('%d', time)
    texts[time] = text
  end
  return text
end
