-- compact-n: puts the entries that still count in the place of all the records that led to them.
--
-- KEYS[1]   what the bucket says of its store
-- KEYS[2…]  the logs, each once
-- ARGV[1]   what KEYS[1] has to hold
-- ARGV[2]   '1' where the server's lineage is to be checked as well
-- ARGV[3]   of each log 24 bytes: its stamp (8); its length (u32) up to which the caller knows it;
--           bytes to put there (u32); seconds to live (u32); nothing (u32)
-- ARGV[4]   what to put there, log after log, each under a stamp of its own
-- Output    how many logs were compacted: not those that somebody else compacted before
-- Cost      three commands a log; at most 8,000 logs

-- @include store

local problem = lost(KEYS[1], ARGV[1], ARGV[2])
if problem then return problem end

local logs, contents = ARGV[3], ARGV[4]
local compacted = 0
local from = 1

for place = 0, #KEYS - 2 do
  local key = KEYS[place + 2]
  local stamp, known, size, ttl = struct.unpack('<c8I4I4I4', logs, place * 24 + 1)
  local content = string.sub(contents, from, from + size - 1)
  from = from + size
  if call('GETRANGE', key, 0, 7) == stamp then
    -- What others have appended since the caller looked stays behind it.
    local rest = call('GETRANGE', key, known, -1)
    call('SET', key, content .. rest, 'EX', ttl)
    compacted = compacted + 1
  end
end

return compacted
