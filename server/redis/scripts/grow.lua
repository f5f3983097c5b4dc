#!lua
-- Lets buyers take more: hold, join, swap, extend. Refused whole by Redis when its memory is full.
--
-- KEYS[1] meta       KEYS[2] seats     KEYS[3] status
-- KEYS[4] holds      KEYS[5] expiries  KEYS[6] payBy
-- KEYS[7] holders    KEYS[8] admitted  KEYS[9] journal
-- ARGV[1] channel       where the diff is published
-- ARGV[2] operations    packed list of operations, at most 64 (fields: transitions/*.lua)
-- ARGV[3] journalBound  entries of the journal from which on nothing is taken any more
-- Returns packed {'stale'}, {'full'} or {'ok', now, epoch, seq, nextDue, outcome...}, see includes/run.lua
-- Publishes one message to the channel when anything changed (includes/message.lua)
--- @include "includes/run"
--- @include "transitions/hold"
--- @include "transitions/join"
--- @include "transitions/swap"
--- @include "transitions/extend"

return run({ hold = hold, join = join, swap = swap, extend = extend }, tonumber(ARGV[3]))
