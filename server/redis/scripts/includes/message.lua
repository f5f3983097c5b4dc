-- What this call has changed: written to the journal and published, the same bytes.
-- {epoch, seq, digest, now, nextDue or 0, rules or false, entry...}
-- An entry is {kind, actor, opId, status, change or '', hold or nil, seats or nil}: seats that became `status`, all of
-- the hold's when there are none; the hold as it is after the change, or was before its end.
-- Put together from parts that are packed already.
local ENTRY, NIL = '\151', '\192'
local parts, entryCount = {}, 0

local function record(kind, actor, opId, status, change, packedHold, seats)
  local n = #parts
  parts[n + 1] = ENTRY
  parts[n + 2] = cmsgpack.pack(kind, actor, opId, status, change)
  parts[n + 3] = packedHold or NIL
  parts[n + 4] = seats and cmsgpack.pack(seats) or NIL
  entryCount = entryCount + 1
end

-- A packed list that begins with `first` (packed, `count` values) and goes on with `rest` (packed, `more` values).
local function packedList(count, first, more, rest)
  local size = count + more
  local low = size % 256
  return string.char(220, (size - low) / 256, low) .. first .. table.concat(rest)
end
