-- append-n: appends a batch's records to logs, and gives of each log what its caller has not seen.
--
-- A log that its caller knows is appended to unseen: if its length then is what the caller thinks,
-- nobody has appended in between. Nor has anybody written it anew: who does that (compact-n) says so
-- in the list of rewritten logs, and what stands there since the caller's last call is looked at.
--
-- KEYS[1]   what the bucket says of its store
-- KEYS[2]   the list of rewritten logs
-- KEYS[3…]  the logs, each once
-- ARGV[1]   what KEYS[1] has to hold
-- ARGV[2]   '1' where the server's lineage is to be checked as well
-- ARGV[3]   how much of the list the caller has seen: its length in bytes, -1 for nothing at all
-- ARGV[4]   the last stamp in it that he has seen, 8 bytes; zeros where he saw no list
-- ARGV[5]   head of a log that is new; its first 8 bytes are the stamp of this call
-- ARGV[6]   seconds to live for each kind of log
-- ARGV[7]   bytes of a record
-- ARGV[8]   of each log 16 bytes: stamp (8) and length (u32) that the caller knows, length 0 for
--           none; number of records to append (u16); kind (u8); 1 to look at it closely and to let
--           its time to live begin anew (u8)
-- ARGV[9]   the records, log after log
-- Output    how long the list is now; what of it the caller has not seen, or nil where that cannot
--           be told; its last stamp, or nil; then pairs for logs of which the caller lacks something:
--           twice the log's place from 0, plus 1 where the bytes are the whole log; the bytes,
--           without those appended now. A log that the caller did not know and that is not among
--           them is new.
-- Cost      one or two commands a log, three where bytes are given back; at most 4,000 logs

-- @include store

local problem = lost(KEYS[1], ARGV[1], ARGV[2])
if problem then return problem end

local logs, records = ARGV[8], ARGV[9]
local recordBytes = tonumber(ARGV[7])
local sub, read = string.sub, struct.unpack
local count = #KEYS - 2
local nameBytes, entryBytes = 17, 25

-- What the list says: its length, what is new in it, its last stamp; and the names that are new. The
-- news are nil where the list was cut since the caller looked.
local function rewritten()
  local seen = tonumber(ARGV[3])
  local at = math.max(seen - entryBytes, 0)
  local news = seen >= 0 and call('GETRANGE', KEYS[2], at, -1) or ''
  if seen == 0 and news == '' then return 0, '', ARGV[4], {} end
  if sub(news, 1, 8) ~= ARGV[4] then
    local last = call('GETRANGE', KEYS[2], -entryBytes, -1)
    return call('STRLEN', KEYS[2]), false, #last > 0 and sub(last, 1, 8), {}
  end
  local names = {}
  for from = entryBytes + 1, #news, entryBytes do
    names[sub(news, from + 8, from + entryBytes - 1)] = true
  end
  return at + #news, sub(news, entryBytes + 1), sub(news, -entryBytes, -entryBytes + 7), names
end

local listLength, news, lastStamp, moved = rewritten()
local told, size = { listLength, news, lastStamp }, 3

local function tell(place, bytes)
  told[size + 1] = place
  told[size + 2] = bytes
  size = size + 2
end

-- As text: numbers are given to commands with 17 digits, which takes as long as the command.
local ttls = {}
for seconds in string.gmatch(ARGV[6], '%d+') do ttls[#ttls + 1] = seconds end

-- Logs that the caller does not know, as they are.
local function fetch()
  local keys, places = {}, {}
  for place = 0, count - 1 do
    if read('<I4', logs, place * 16 + 9) == 0 then
      keys[#keys + 1] = KEYS[place + 3]
      places[#places + 1] = place
    end
  end
  local found = {}
  if #keys > 0 then
    local values = call('MGET', unpack(keys))
    for index, place in ipairs(places) do found[place] = values[index] end
  end
  return found
end

local found = fetch()
local from = 1

for place = 0, count - 1 do
  local key = KEYS[place + 3]
  local stamp, known, amount, kind, anew = read('<c8I4I2BB', logs, place * 16 + 1)
  local bytes = amount * recordBytes
  local record = sub(records, from, from + bytes - 1)
  from = from + bytes
  local ttl = ttls[kind + 1]
  if known == 0 then
    local log = found[place]
    if log then
      call('APPEND', key, record)
      call('EXPIRE', key, ttl)
      tell(place * 2 + 1, log)
    else
      call('SET', key, ARGV[5] .. record, 'EX', ttl)
    end
  else
    local own = stamp
    if anew == 1 or not news or moved[sub(key, -nameBytes)] then
      own = call('GETRANGE', key, '0', '7')
    end
    -- The first write of all: where memory is short it is refused, and then nothing was done.
    local before = call('APPEND', key, record) - bytes
    if anew == 1 then call('EXPIRE', key, ttl) end
    -- Shorter than it was: it ended by itself and was begun again, or it lost something.
    if before > 0 and before < known and own == stamp then
      own = call('GETRANGE', key, '0', '7')
      if own == stamp then return redis.error_reply('STORELOST a log is shorter than it was') end
    end
    if before == 0 then
      call('SET', key, ARGV[5] .. record, 'EX', ttl)
      tell(place * 2 + 1, '')
    elseif own ~= stamp then
      tell(place * 2 + 1, call('GETRANGE', key, 0, before - 1))
    elseif before > known then
      tell(place * 2, call('GETRANGE', key, known, before - 1))
    end
  end
end

return told
