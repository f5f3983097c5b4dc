-- Short names of what the hot path calls: a local costs a tenth of a look-up in the library.
local packValue, unpackValues, unpackSome = cmsgpack.pack, cmsgpack.unpack, cmsgpack.unpack_limit
local byte, char, sub, find, format = string.byte, string.char, string.sub, string.find, string.format
local packStruct, unpackStruct = struct.pack, struct.unpack
local bxor = bit.bxor
