-- Names for the KEYS of grow and settle.
local metaKey, seatsKey, statusKey = KEYS[1], KEYS[2], KEYS[3]
local holdsKey, expiriesKey, payByKey = KEYS[4], KEYS[5], KEYS[6]
local holdersKey, admittedKey, journalKey = KEYS[7], KEYS[8], KEYS[9]
