-- One call: read, lapse, apply each operation to the overlay, write once. All or nothing holds per operation.
-- Operations come as one flat list, 7 values each: kind, opId, actor, holdId and what the transition takes besides.
-- What took effect is kept and answers a repeated opId.
--- @include "includes/event"
--- @include "includes/outcome"
--- @include "includes/lapse"
--- @include "includes/commit"

local WIDTH = 7

-- Reads in two commands what most operations need.
local function prefetch(values)
  local actors, ids = {}, {}
  for at = 1, #values, WIDTH do
    actors[#actors + 1], ids[#ids + 1] = values[at + 2], values[at + 3]
  end
  local packed = redis.call('HMGET', holdersKey, unpack(actors))
  for i, id in ipairs(actors) do
    holders[id] = unpackHolder(packed[i])
  end
  packed = redis.call('HMGET', holdsKey, unpack(ids))
  for i, id in ipairs(ids) do
    readHold(id, packed[i])
  end
end

local function apply(transition, opId, actor, ...)
  local answer = answerOf(actor, opId)
  if answer then return answer end
  local before = #entries
  local outcome, refused = transition(opId, actor, ...)
  if not refused and #entries > before then keepAnswer(actor, opId, entries[#entries]) end
  return outcome
end

-- {'ok', now, epoch, seq, nextDue or 0, outcome...}
local function reply(due, outcomes)
  return packedList(5, cmsgpack.pack('ok', now, generation, seq, due), #outcomes, outcomes)
end

-- `journalBound`: entries of the journal from which on the call is refused; nil for none.
local function run(transitions, journalBound)
  if not readEvent() then return cmsgpack.pack({ 'stale' }) end
  if journalBound and redis.call('XLEN', journalKey) >= journalBound then return cmsgpack.pack({ 'full' }) end
  local values = { cmsgpack.unpack(ARGV[2]) }
  prefetch(values)
  lapseDue()
  local outcomes = {}
  for at = 1, #values, WIDTH do
    outcomes[#outcomes + 1] = apply(transitions[values[at]], unpack(values, at + 1, at + WIDTH - 1))
  end
  return reply(commit(), outcomes)
end
