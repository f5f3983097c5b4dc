#!lua flags=allow-oom
-- Lets go and writes down what others have decided: release, claim, sell, unsell, block, unblock, expire, configure.
-- Allowed while the memory of Redis is full, because letting go is the way out of that.
--
-- KEYS[1] meta       KEYS[2] seats     KEYS[3] status
-- KEYS[4] holds      KEYS[5] expiries  KEYS[6] payBy
-- KEYS[7] holders    KEYS[8] admitted  KEYS[9] journal
-- ARGV[1] channel     where the diff is published
-- ARGV[2] operations  packed list of operations, at most 64 (fields: transitions/*.lua)
-- Returns packed {'stale'} or {'ok', now, epoch, seq, nextDue, outcome...}, see includes/run.lua
-- Publishes one message to the channel when anything changed (includes/message.lua)
--- @include "includes/run"
--- @include "transitions/release"
--- @include "transitions/claim"
--- @include "transitions/sell"
--- @include "transitions/unsell"
--- @include "transitions/block"
--- @include "transitions/unblock"
--- @include "transitions/expire"
--- @include "transitions/configure"

return run({
  release = release, claim = claim, sell = sell, unsell = unsell,
  block = block, unblock = unblock, expire = expire, configure = configure,
})
