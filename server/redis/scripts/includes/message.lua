-- What this call has changed: written to the journal and published, the same bytes.
-- {epoch, seq, digest, now, nextDue or 0, rules or false, then 7 values an entry}
-- An entry is kind, actor, opId, status, change, seats, hold. `actor` is '' when it is the hold's holder, `change` ''
-- when nobody has to be told. The seats are those that became `status`; false stands for all of the hold's. The hold
-- is as it is after the change, or was before its end; nil when there is none.
-- Put together from parts that are packed already.
local NIL = '\192'
local entries = {}

local function record(kind, actor, opId, status, change, packedHold, seats)
  entries[#entries + 1] = cmsgpack.pack(kind, actor, opId, status, change, seats or false) .. (packedHold or NIL)
end

-- A packed list that begins with `first` (`count` packed values) and goes on with `rest` (`more` packed values).
local function packedList(count, first, more, rest)
  local size = count + more
  local low = size % 256
  return string.char(220, (size - low) / 256, low) .. first .. table.concat(rest)
end
