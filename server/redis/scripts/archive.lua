#!lua flags=allow-oom
-- Takes an event that is over out of Redis, unless that would lose something: a hold, or what Postgres has yet to get.
--
-- KEYS[1] meta       KEYS[2] seats     KEYS[3] status
-- KEYS[4] holds      KEYS[5] expiries  KEYS[6] payBy
-- KEYS[7] holders    KEYS[8] admitted  KEYS[9] journal
-- Returns 1, or 0 when something would be lost

if redis.call('EXISTS', KEYS[4]) == 1 or redis.call('XLEN', KEYS[9]) > 0 then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9])
return 1
