-- compact-n: puts the entries that still count in the place of all the records that led to them.
--
-- KEYS[1]   what the bucket says of its store
-- KEYS[2]   the list of rewritten logs, 25 bytes each: its new stamp (8) and how its key ends (17);
--           25 zeros begin a list that was never cut
-- KEYS[3…]  the logs, each once
-- ARGV[1]   what KEYS[1] has to hold
-- ARGV[2]   '1' where the server's lineage is to be checked as well
-- ARGV[3]   of each log 24 bytes: its stamp (8); its length (u32) up to which the caller knows it;
--           bytes to put there (u32); seconds to live (u32); nothing (u32)
-- ARGV[4]   what to put there, log after log, each under a stamp of its own
-- ARGV[5]   most bytes of the list, beyond which its older half goes
-- Output    how many logs were compacted: not those that somebody else compacted before
-- Cost      three commands a log, and four; at most 4,000 logs

-- @include store

local problem = lost(KEYS[1], ARGV[1], ARGV[2])
if problem then return problem end

local logs, contents = ARGV[3], ARGV[4]
local rewritten, compacted = {}, 0
local from = 1

for place = 0, #KEYS - 3 do
  local key = KEYS[place + 3]
  local stamp, known, size, ttl = struct.unpack('<c8I4I4I4', logs, place * 24 + 1)
  local content = string.sub(contents, from, from + size - 1)
  from = from + size
  if call('GETRANGE', key, 0, 7) == stamp then
    -- What others have appended since the caller looked stays behind it.
    local rest = call('GETRANGE', key, known, -1)
    call('SET', key, content .. rest, 'EX', ttl)
    compacted = compacted + 1
    rewritten[compacted] = string.sub(content, 1, 8) .. string.sub(key, -17)
  end
end

if #rewritten > 0 then
  if call('STRLEN', KEYS[2]) == 0 then table.insert(rewritten, 1, string.rep('\0', 25)) end
  local length = call('APPEND', KEYS[2], table.concat(rewritten))
  if length > tonumber(ARGV[5]) then
    local half = math.floor(length / 50) * 25
    call('SET', KEYS[2], call('GETRANGE', KEYS[2], half, -1))
  end
end

return compacted
