-- What an actor (holder, booking or staff) has: seats in total, holds, and the answers to its last 32 operations.
-- In the hash: ACTOR → record (holder-record.lua), ACTOR newline SLOT → the entry of the operation, as in the journal.
-- A newline, because no actor's name has one: one actor's answers must not be another's record. The record has a tag
-- of 2 bytes per answer, the end of its opId, so that one read says which slots to look at.
--- @include "includes/keys"
--- @include "includes/holder-record"

local ANSWERS, SLOTS = 32, '0123456789ABCDEFGHIJKLMNOPQRSTUV'
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
  changedHolders[id] = holder
end

local function addHold(id, holdId, seats)
  local holder = holderOf(id)
  holder[TOTAL] = holder[TOTAL] + seats
  holder[HOLDS] = holder[HOLDS] .. holdId .. '\n'
  changedHolders[id] = holder
end

local function removeHold(id, holdId, seats)
  addSeats(id, -seats)
  local holder = holderOf(id)
  local line = holdId .. '\n'
  if holder[HOLDS] == line then
    holder[HOLDS] = ''
    return
  end
  local kept = {}
  for other in eachHold(holder) do
    if other ~= holdId then kept[#kept + 1] = other .. '\n' end
  end
  holder[HOLDS] = table.concat(kept)
end

local function tagOf(opId)
  return string.sub(#opId < 2 and '\0\0' .. opId or opId, -2)
end

local function slotOf(id, slot)
  return id .. '\n' .. string.sub(SLOTS, slot + 1, slot + 1)
end

-- What a repeat of the operation in this entry is told: its hold if it answered with one, nil if the answer is done.
local function answerIn(kind, seats, hold)
  return (kind == 'hold' or kind == 'extend' or kind == 'claim' or (kind == 'release' and seats)) and hold or nil
end

-- The first answer to this opId, if it took effect and is among the last 32; packed.
local function answerOf(id, opId)
  local holder = holderOf(id)
  local tags, tag = holder[TAGS], tagOf(opId)
  local at = string.find(tags, tag, 1, true)
  while at do
    if at % 2 == 1 then
      local slot = slotOf(id, (holder[NEXT] - #tags / 2 + (at - 1) / 2) % ANSWERS)
      local entry = newAnswers[slot] or redis.call('HGET', holdersKey, slot)
      if entry then
        local kind, _, ofOpId, _, _, seats, hold = cmsgpack.unpack(entry)
        if ofOpId == opId then return cmsgpack.pack(answerIn(kind, seats, hold)) end
      end
    end
    at = string.find(tags, tag, at + 1, true)
  end
end

-- Newest last; `NEXT` is the slot after it.
local function keepAnswer(id, opId, entry)
  local holder = holderOf(id)
  local slot, tags = holder[NEXT], holder[TAGS]
  if #tags == ANSWERS * 2 then tags = string.sub(tags, 3) end
  holder[TAGS] = tags .. tagOf(opId)
  holder[NEXT] = (slot + 1) % ANSWERS
  changedHolders[id] = holder
  newAnswers[slotOf(id, slot)] = entry
end
