-- look-1: gives what a bucket says of its store, and what the server says of itself.
--
-- KEYS[1]  what the bucket says of its store
-- Output   that, or nil where it says nothing; the server's lineage
-- Cost     two commands

-- @include store

return { call('GET', KEYS[1]), lineage() }
