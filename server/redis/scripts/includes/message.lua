-- What this call has changed: written to the journal and published, the same bytes.
-- {epoch, seq, digest, now, nextDue or 0, rules or false, entries}
-- An entry: {kind, actor, opId, status, expiresAt or 0, holdId, holder, change, seats}; '' where there is none.
local entries = {}

local function record(kind, actor, opId, status, expiresAt, holdId, holder, change, seats)
  entries[#entries + 1] = { kind, actor, opId, status, expiresAt, holdId, holder, change, seats }
end
