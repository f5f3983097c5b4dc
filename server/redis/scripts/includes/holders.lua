-- What an actor (holder, booking or staff) has: seats in total, holds, and the answers to its last 32 operations.
-- In the hash: ACTOR → record, ACTOR newline SLOT → opId, newline, answer. A newline, because no actor's name has one:
-- one actor's answers must not be another's record. The record has a tag of 4 bytes per answer, the end of its opId, so
-- that one read says which slots to look at.
--- @include "includes/keys"
--- @include "includes/holder-record"

local ANSWERS = 32
local holders, changedHolders, newAnswers = {}, {}, {}

local function holderOf(id)
  local holder = holders[id]
  if not holder then
    holder = unpackHolder(redis.call('HGET', holdersKey, id))
    holders[id] = holder
  end
  return holder
end

local function addSeats(id, seats)
  local holder = holderOf(id)
  holder[TOTAL] = holder[TOTAL] + seats
  changedHolders[id] = true
end

local function addHold(id, holdId, seats)
  addSeats(id, seats)
  local holder = holderOf(id)
  holder[HOLDS] = holder[HOLDS] .. holdId .. '\n'
end

local function removeHold(id, holdId, seats)
  addSeats(id, -seats)
  local holder = holderOf(id)
  local ids = '\n' .. holder[HOLDS]
  local first, last = string.find(ids, '\n' .. holdId .. '\n', 1, true)
  if first then holder[HOLDS] = string.sub(ids, 2, first) .. string.sub(ids, last + 1) end
end

local function tagOf(opId)
  return string.sub(#opId < 4 and '\0\0\0\0' .. opId or opId, -4)
end

-- The first answer to this opId, if it took effect and is among the last 32.
local function answerOf(id, opId)
  local tags, tag = holderOf(id)[TAGS], tagOf(opId)
  local at = string.find(tags, tag, 1, true)
  while at do
    if at % 4 == 1 then
      local name = id .. '\n' .. (at - 1) / 4
      local slot = newAnswers[name] or redis.call('HGET', holdersKey, name)
      if slot and string.sub(slot, 1, #opId + 1) == opId .. '\n' then return string.sub(slot, #opId + 2) end
    end
    at = string.find(tags, tag, at + 1, true)
  end
end

local function keepAnswer(id, opId, answer)
  local holder = holderOf(id)
  local slot, tags = holder[NEXT], holder[TAGS]
  holder[TAGS] = string.sub(tags, 1, slot * 4) .. tagOf(opId) .. string.sub(tags, slot * 4 + 5)
  holder[NEXT] = (slot + 1) % ANSWERS
  changedHolders[id] = true
  newAnswers[id .. '\n' .. slot] = opId .. '\n' .. answer
end
