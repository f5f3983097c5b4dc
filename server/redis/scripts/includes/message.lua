-- What this call has changed: written to the journal and published, the same bytes.
-- {epoch, seq, digest, now, nextDue or 0, rules or false, then 7 values an entry}
-- An entry is kind, status, change, opId, actor, seats, hold. `actor` is '' when it is the hold's holder, `change` ''
-- when nobody has to be told. The seats are those that became `status`; false stands for all of the hold's. The hold
-- is as it is after the change, or was before its end; nil when there is none.
-- Put together from parts that are packed already.
--- @include "includes/lua"

local NIL, FALSE = '\192', '\194'
local entries

atStart(function() entries = {} end)

-- Packed once for all calls: entries begin in few ways, and texts have few lengths.
local beginnings, textHeads = {}, {}

local function beginningOf(kind, status, change)
  local ofKind = beginnings[kind]
  if not ofKind then
    ofKind = {}
    beginnings[kind] = ofKind
  end
  local beginning = ofKind[change]
  if not beginning then
    beginning = packValue(kind, status, change)
    ofKind[change] = beginning
  end
  return beginning
end

-- What stands before a text of this length (at most 255 bytes) when it is packed.
local function textHead(length)
  local head = textHeads[length]
  if not head then
    head = length < 32 and char(160 + length) or char(217, length)
    textHeads[length] = head
  end
  return head
end

-- A change has one status for each kind.
local function record(kind, actor, opId, status, change, packedHold, seats)
  entries[#entries + 1] = beginningOf(kind, status, change) .. textHead(#opId) .. opId .. textHead(#actor) .. actor
    .. (seats and packValue(seats) or FALSE) .. (packedHold or NIL)
end

-- What a repeat of the operation in this entry is told, if it has this opId: its hold if it answered with one.
local function answerIn(entry, opId)
  local kind, _, _, ofOpId, _, seats, hold = unpackValues(entry)
  if ofOpId ~= opId then return nil end
  local withHold = kind == 'hold' or kind == 'swap' or kind == 'extend' or kind == 'claim' or (kind == 'release' and seats)
  return packValue(withHold and hold or nil)
end

-- A packed list that begins with `first` (`count` packed values) and goes on with `rest` (`more` packed values).
local function packedList(count, first, more, rest)
  local size = count + more
  local low = size % 256
  return char(220, (size - low) / 256, low) .. first .. table.concat(rest)
end
