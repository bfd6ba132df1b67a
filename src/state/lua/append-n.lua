-- append-n: appends a batch's records to logs, and gives of each log what its caller has not seen.
--
-- KEYS[1]   what the bucket says of its store
-- KEYS[2…]  the logs, each once
-- ARGV[1]   what KEYS[1] has to hold
-- ARGV[2]   '1' where the server's lineage is to be checked as well
-- ARGV[3]   head of a log that is new; its first 8 bytes are the stamp of this call
-- ARGV[4]   of each log 24 bytes: stamp (8) and length (u32) that the caller knows, length 0 for
--           none; bytes to append (u32); seconds to live (u32); 1 where these begin anew (u32)
-- ARGV[5]   the records, log after log
-- Output    pairs for logs of which the caller lacks something: twice the log's place from 0, plus
--           1 where the bytes are the whole log; the bytes, without those appended now. A log of
--           which the caller knew nothing and that is not among the pairs is new.
-- Cost      two commands a log, three where bytes are given back; at most 8,000 logs

-- @include store

local problem = lost(KEYS[1], ARGV[1], ARGV[2])
if problem then return problem end

local head, logs, records = ARGV[3], ARGV[4], ARGV[5]
local sub, unpack_ = string.sub, struct.unpack
local told, count = {}, 0
local from = 1

local function tell(place, bytes)
  told[count + 1] = place
  told[count + 2] = bytes
  count = count + 2
end

for place = 0, #KEYS - 2 do
  local key = KEYS[place + 2]
  local stamp, known, size, ttl, anew = unpack_('<c8I4I4I4I4', logs, place * 24 + 1)
  local record = sub(records, from, from + size - 1)
  from = from + size
  if known == 0 then
    local log = call('GETEX', key, 'EX', ttl)
    if log then
      call('APPEND', key, record)
      tell(place * 2 + 1, log)
    else
      call('SET', key, head .. record, 'EX', ttl)
    end
  else
    local own = call('GETRANGE', key, 0, 7)
    if own == '' then
      call('SET', key, head .. record, 'EX', ttl)
      tell(place * 2 + 1, '')
    else
      local before = call('APPEND', key, record) - size
      if own ~= stamp then
        tell(place * 2 + 1, call('GETRANGE', key, 0, before - 1))
      elseif before > known then
        tell(place * 2, call('GETRANGE', key, known, before - 1))
      elseif before < known then
        return redis.error_reply('STORELOST a log is shorter than it was')
      end
      if anew == 1 then call('EXPIRE', key, ttl) end
    end
  end
end

return told
