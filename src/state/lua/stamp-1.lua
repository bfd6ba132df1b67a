-- stamp-1: names the store of a bucket, under the lineage of the server that holds it.
--
-- KEYS[1]  what the bucket says of its store
-- ARGV[1]  `filling` or `ready`
-- ARGV[2]  id of the store
-- ARGV[3]  what KEYS[1] has to hold, its lineage being the server's own; empty where it may be anything
-- Output   what KEYS[1] holds now
-- Cost     two commands

-- @include store

if ARGV[3] ~= '' then
  local problem = lost(KEYS[1], ARGV[3], '1')
  if problem then return problem end
end

local name = ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. lineage()
call('SET', KEYS[1], name)
return name
