-- What an actor (holder, booking or staff) has: seats in total, holds, and the answers to its last 32 operations.
-- In the hash: ACTOR → record (holder-record.lua), ACTOR newline SLOT → the entry of the operation, as in the journal.
-- A newline, because no actor's name has one: one actor's answers must not be another's record. The record has a tag
-- of 2 bytes per answer, the end of its opId, so that one read says which slots to look at.
--- @include "includes/keys"
--- @include "includes/holder-record"
--- @include "includes/message"

local SLOTS = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
local ANSWERS = #SLOTS
local holders
-- Field, entry, field, entry, ... as they are written.
local newAnswers

atStart(function() holders, newAnswers = {}, {} end)

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
  holder[TOTAL], holder[CHANGED] = holder[TOTAL] + seats, true
  return holder
end

local function addHold(id, holdId, seats, now)
  local holder = addSeats(id, seats)
  holder[CLOCK] = holdingSince(holder, now)
  holder[HOLDS] = holder[HOLDS] .. holdId .. '\n'
end

-- `endedAt`: when it ended, which may be before it is seen.
local function removeHold(id, holdId, seats, endedAt)
  local holder, line = addSeats(id, -seats), holdId .. '\n'
  if holder[HOLDS] == line then
    holder[HOLDS], holder[CLOCK] = '', math.max(0, endedAt - holder[CLOCK])
    return
  end
  local kept = {}
  for other in eachHold(holder) do
    if other ~= holdId then kept[#kept + 1] = other .. '\n' end
  end
  holder[HOLDS] = table.concat(kept)
end

local function tagOf(opId)
  return sub(#opId < 2 and '\0\0' .. opId or opId, -2)
end

local function slotOf(id, slot)
  return id .. '\n' .. sub(SLOTS, slot + 1, slot + 1)
end

local function entryIn(slot)
  for i = #newAnswers, 2, -2 do
    if newAnswers[i - 1] == slot then return newAnswers[i] end
  end
  return redis.call('HGET', holdersKey, slot)
end

-- The first answer to this opId, if it took effect and is among the last 32; packed.
local function answerOf(holder, id, opId, tag)
  local tags = holder[TAGS]
  local at = find(tags, tag, 1, true)
  while at do
    if at % 2 == 1 then
      local entry = entryIn(slotOf(id, (holder[NEXT] - #tags / 2 + (at - 1) / 2) % ANSWERS))
      local answer = entry and answerIn(entry, opId)
      if answer then return answer end
    end
    at = find(tags, tag, at + 1, true)
  end
end

-- Newest last; `NEXT` is the slot after it.
local function keepAnswer(holder, id, tag, entry)
  local slot, tags, n = holder[NEXT], holder[TAGS], #newAnswers
  if #tags == ANSWERS * 2 then tags = sub(tags, 3) end
  holder[TAGS], holder[NEXT], holder[CHANGED] = tags .. tag, (slot + 1) % ANSWERS, true
  newAnswers[n + 1], newAnswers[n + 2] = slotOf(id, slot), entry
end
