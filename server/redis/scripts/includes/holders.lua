-- What an actor (holder, booking or staff) has: seats in total, answers of past operations, holds.
-- In the hash: ACTOR → {total, answered, tags, holds}, ACTOR#SLOT → opId, newline, answer.
-- The last 32 answers are kept; `tags` has 4 bytes of each of their opIds, so one read says which slots to look at.
--- @include "includes/keys"

local TOTAL, ANSWERED, TAGS, HOLDS = 1, 2, 3, 4
local ANSWERS = 32
local holders, changedHolders, newAnswers = {}, {}, {}

local function holderOf(id)
  local holder = holders[id]
  if holder then return holder end
  local packed = redis.call('HGET', holdersKey, id)
  holder = packed and cmsgpack.unpack(packed) or { 0, 0, '', {} }
  holders[id] = holder
  return holder
end

local function growTotal(id, seats)
  local holder = holderOf(id)
  holder[TOTAL] = holder[TOTAL] + seats
  changedHolders[id] = true
end

local function addHold(id, holdId, seats)
  growTotal(id, seats)
  table.insert(holderOf(id)[HOLDS], holdId)
end

-- Takes `seats` off the total; the hold itself too when `ended`.
local function reduceHold(id, holdId, seats, ended)
  growTotal(id, -seats)
  local ids = holderOf(id)[HOLDS]
  for i = ended and #ids or 0, 1, -1 do
    if ids[i] == holdId then table.remove(ids, i) end
  end
end

local function tagOf(opId)
  return string.sub(#opId < 4 and '\0\0\0\0' .. opId or opId, -4)
end

local function slotName(id, number)
  return id .. '#' .. number % ANSWERS
end

-- The first answer to this opId, if it took effect and is among the last 32.
local function answerOf(id, opId)
  local holder = holderOf(id)
  local tags, tag = holder[TAGS], tagOf(opId)
  local from = 1
  while true do
    local at = string.find(tags, tag, from, true)
    if not at then return nil end
    if at % 4 == 1 then
      local name = slotName(id, (at - 1) / 4)
      local slot = newAnswers[name] or redis.call('HGET', holdersKey, name)
      if slot and string.sub(slot, 1, #opId + 1) == opId .. '\n' then return string.sub(slot, #opId + 2) end
    end
    from = at + 1
  end
end

local function keepAnswer(id, opId, answer)
  local holder = holderOf(id)
  local slot = holder[ANSWERED] % ANSWERS
  local tags = holder[TAGS]
  holder[TAGS] = string.sub(tags, 1, slot * 4) .. tagOf(opId) .. string.sub(tags, slot * 4 + 5)
  holder[ANSWERED] = holder[ANSWERED] + 1
  changedHolders[id] = true
  newAnswers[slotName(id, slot)] = opId .. '\n' .. answer
end
