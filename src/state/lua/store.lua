-- Included at the head of every verb: is this the store that the caller takes it for?
--
-- A store is named by `<state> <id> <lineage>` in a key of each bucket. The lineage is the server's
-- run id and replication id: another process, or a replica that became primary, has another one,
-- and may lack what was written last.

local call = redis.call

-- Run id and replication id of this server.
local function lineage()
  local told = call('INFO', 'server', 'replication')
  return string.match(told, 'run_id:(%x+)') .. ':' .. string.match(told, 'master_replid:(%x+)')
end

-- An error reply where the key holds something else than expected; nil where all is well.
local function lost(key, expected, checks)
  local told = call('GET', key)
  if not told then return redis.error_reply('STORELOST it is empty') end
  if told ~= expected then return redis.error_reply('STORELOST it was filled anew') end
  if checks == '1' and not string.find(told, lineage(), 1, true) then
    return redis.error_reply('STORELOST the server was restarted or failed over')
  end
  return nil
end
