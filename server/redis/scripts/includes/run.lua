-- One call: read, lapse, apply each operation to the overlay, write once. All or nothing holds per operation.
-- An operation is {kind, opId, actor, ...}; what took effect is kept and answers a repeated opId.
--- @include "includes/event"
--- @include "includes/outcome"
--- @include "includes/lapse"
--- @include "includes/commit"

-- Reads in two commands what most operations need.
local function prefetch(operations)
  local actors, ids = {}, {}
  for i, operation in ipairs(operations) do
    actors[i] = operation[3]
    ids[i] = operation[4] or ''
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

local function apply(transition, operation)
  local opId, actor = operation[2], operation[3]
  local answer = answerOf(actor, opId)
  if answer then return answer end
  local before = entryCount
  local outcome, refused = transition(operation)
  if not refused and entryCount > before then keepAnswer(actor, opId, outcome) end
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
  local operations = cmsgpack.unpack(ARGV[2])
  prefetch(operations)
  lapseDue()
  local outcomes = {}
  for i, operation in ipairs(operations) do
    outcomes[i] = apply(transitions[operation[1]], operation)
  end
  return reply(commit(), outcomes)
end
