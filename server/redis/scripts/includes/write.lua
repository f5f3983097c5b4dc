-- Writing many things by one command.

-- Below the size of the Lua stack, and a multiple of 4 so that no command is cut within a pair or a BITFIELD part.
local CHUNK = 4000

local function call(command, key, arguments)
  for first = 1, #arguments, CHUNK do
    redis.call(command, key, unpack(arguments, first, math.min(first + CHUNK - 1, #arguments)))
  end
end

-- An integer as Redis wants it, by format: what Redis makes of a number costs three times as much. Few of a call's
-- bytes and times differ, so each text is made once.
local texts
atStart(function() texts = {} end)

local function textOf(number)
  local text = texts[number]
  if not text then
    text = format('%d', number)
    texts[number] = text
  end
  return text
end
