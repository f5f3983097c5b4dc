-- One call: read, lapse, apply each operation to the overlay, write once. All or nothing holds per operation.
-- Operations come as one flat list, 6 values each: kind, opId, actor, holdId and what the transition takes besides.
-- What took effect is kept and answers a repeated opId.
--- @include "includes/event"
--- @include "includes/outcome"
--- @include "includes/lapse"
--- @include "includes/commit"
--- @include "includes/whole"

local WIDTH = 6

-- Reads in two commands what most operations need.
local function prefetch(values)
  local actors, ids, n = {}, {}, 0
  for at = 1, #values, WIDTH do
    n = n + 1
    actors[n], ids[n] = values[at + 2], values[at + 3]
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
  local holder, tag = holderOf(actor), tagOf(opId)
  local answer = answerOf(holder, actor, opId, tag)
  if answer then return answer end
  local before = #entries
  local outcome, refused = transition(opId, actor, ...)
  local after = #entries
  if after > before and not refused then keepAnswer(holder, actor, tag, entries[after]) end
  return outcome
end

-- {'ok', now, epoch, seq, nextDue or 0, outcome...}
local function reply(due, outcomes)
  return packedList(5, packValue('ok', now, generation, seq, due), #outcomes, outcomes)
end

-- `journalBound`: entries of the journal from which on the call is refused; nil for none.
local function run(transitions, journalBound)
  if not readEvent() then return packValue({ 'stale' }) end
  if journalBound and redis.call('XLEN', journalKey) >= journalBound then return packValue({ 'full' }) end
  local values = { unpackValues(ARGV[2]) }
  -- The background process sends `expire` each second: time to look whether a part has gone missing.
  if values[1] == 'expire' and not isWhole() then
    redis.call('HDEL', metaKey, 'generation')
    return packValue({ 'stale' })
  end
  prefetch(values)
  lapseDue()
  local outcomes, n = {}, 0
  for at = 1, #values, WIDTH do
    n = n + 1
    outcomes[n] = apply(transitions[values[at]], unpack(values, at + 1, at + WIDTH - 1))
  end
  return reply(commit(), outcomes)
end
