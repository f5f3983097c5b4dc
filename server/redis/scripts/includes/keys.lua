-- Names for the KEYS of grow and settle.
local metaKey, seatsKey, statusKey, holdsKey, expiriesKey, payByKey, holdersKey, admittedKey, journalKey

atStart(function()
  metaKey, seatsKey, statusKey = KEYS[1], KEYS[2], KEYS[3]
  holdsKey, expiriesKey, payByKey = KEYS[4], KEYS[5], KEYS[6]
  holdersKey, admittedKey, journalKey = KEYS[7], KEYS[8], KEYS[9]
end)
