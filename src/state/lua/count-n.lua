-- count-n: adds a batch to calendar-day totals, each event once, and gives what they were before.
--
-- A day is a hash: `<kind><name>` holds `<claims> <redemptions>`, `=<kind>` those of names beyond
-- the bound, `#<kind>` how many names there are, `@<source>` the last position counted of a source.
--
-- KEYS[1]   what the bucket says of its store
-- KEYS[2]   the newest day of all
-- KEYS[3…]  the days of the batch
-- ARGV[1]   what KEYS[1] has to hold
-- ARGV[2]   '1' where the server's lineage is to be checked as well
-- ARGV[3]   JSON, a list of days: { day, sources: [[source, first, last]…] with positions as text,
--           names: [[kind, name, claims, redemptions]…] in order of first mention }
-- ARGV[4]   most names of a kind and day
-- ARGV[5]   seconds to live
-- Output    0 and, for each day, what was counted of its sources: nothing was added, because some
--           of it had been counted before; or 1, the newest day before, and for each day a list of
--           claims, redemptions and 1 for a name beyond the bound, three numbers a name
-- Cost      four commands a day; at most 4,096 names and 4,096 sources a day

-- @include store

local problem = lost(KEYS[1], ARGV[1], ARGV[2])
if problem then return problem end

local days = cjson.decode(ARGV[3])
local namesMax = tonumber(ARGV[4])
local setAtOnce = 2000

local function countedBefore(key, sources)
  local fields = {}
  for index, source in ipairs(sources) do fields[index] = '@' .. source[1] end
  local reached = #fields > 0 and call('HMGET', key, unpack(fields)) or {}
  local again = false
  for index, source in ipairs(sources) do
    reached[index] = reached[index] or '-1'
    again = again or tonumber(reached[index]) >= tonumber(source[2])
  end
  return reached, again
end

local function setAll(key, fields)
  for from = 1, #fields, setAtOnce do
    call('HSET', key, unpack(fields, from, math.min(from + setAtOnce - 1, #fields)))
  end
end

local function put(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end

local function total(claims, redemptions)
  return string.format('%.0f %.0f', claims, redemptions)
end

local function parse(text)
  if not text then return 0, 0 end
  local claims, redemptions = string.match(text, '^(%d+) (%d+)$')
  return tonumber(claims), tonumber(redemptions)
end

-- What the names' counters hold, and what is to be written: `sets` takes field after field.
local function count(key, names, sets)
  local fields = { '#1', '#2', '#3', '#4', '=1', '=2', '=3', '=4' }
  for index, name in ipairs(names) do fields[8 + index] = name[1] .. name[2] end
  local values = call('HMGET', key, unpack(fields))
  local sizes, others, totals = {}, {}, {}
  for kind = 1, 4 do
    local claims, redemptions = parse(values[4 + kind])
    sizes[kind] = tonumber(values[kind] or '0')
    others[kind] = { claims, redemptions, claims, redemptions }
  end
  for index, name in ipairs(names) do
    local kind, value = name[1], values[8 + index]
    local beyond = not value and sizes[kind] >= namesMax
    local claims, redemptions = parse(value)
    if beyond then
      local other = others[kind]
      claims, redemptions = other[1], other[2]
      other[3], other[4] = other[3] + name[3], other[4] + name[4]
    else
      if not value then sizes[kind] = sizes[kind] + 1 end
      put(sets, fields[8 + index], total(claims + name[3], redemptions + name[4]))
    end
    put(totals, claims, redemptions)
    totals[#totals + 1] = beyond and 1 or 0
  end
  for kind = 1, 4 do
    put(sets, '#' .. kind, sizes[kind])
    put(sets, '=' .. kind, total(others[kind][3], others[kind][4]))
  end
  return totals
end

local reached, again = {}, false
for index, day in ipairs(days) do
  local counted, some = countedBefore(KEYS[index + 2], day.sources)
  reached[index] = counted
  again = again or some
end
if again then return { 0, reached } end

local newest = call('GET', KEYS[2])
local totals, latest = {}, tonumber(newest or '-1e9')
for index, day in ipairs(days) do
  local key, sets = KEYS[index + 2], {}
  totals[index] = count(key, day.names, sets)
  for _, source in ipairs(day.sources) do put(sets, '@' .. source[1], source[3]) end
  setAll(key, sets)
  call('EXPIRE', key, ARGV[5])
  latest = math.max(latest, day.day)
end
call('SET', KEYS[2], string.format('%.0f', latest), 'EX', ARGV[5])

return { 1, newest, totals }
