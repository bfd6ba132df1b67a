-- The console's data: what was read from the topics, and what people made of it. Postgres 15 or
-- later, and PGlite. Times are milliseconds since 1970 in bigint; what an event carries is cut to
-- 256 characters before it comes here, and the CHECKs hold that.

-- How far each partition of a topic was read: moved in the transaction that took its records.
CREATE TABLE positions (
  topic text NOT NULL,
  partition_no integer NOT NULL,
  next bigint NOT NULL,
  -- Newest record time of what was read.
  newest_at bigint,
  PRIMARY KEY (topic, partition_no)
);

-- Names the reading: readers of another generation begin at the beginning.
CREATE TABLE generation (id text NOT NULL);
INSERT INTO generation VALUES (replace(gen_random_uuid()::text, '-', ''));

-- Schemas that records were written with, since a record is read with its writer's.
CREATE TABLE writer_schemas (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash text NOT NULL UNIQUE,
  schema_text text NOT NULL
);

-- One row per decision that a person may look at: review or block.
CREATE TABLE cases (
  key text COLLATE "C" PRIMARY KEY CHECK (key ~ '^[0-9a-f]{32}$'),
  decision_id text NOT NULL CHECK (length(decision_id) <= 400),
  outcome text NOT NULL CHECK (outcome IN ('review', 'block')),
  score smallint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('claim', 'redemption', 'unknown')),
  occurred_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  user_name text NOT NULL CHECK (length(user_name) <= 256),
  device text CHECK (length(device) <= 256),
  ip text CHECK (length(ip) <= 256),
  campaign text NOT NULL CHECK (length(campaign) <= 256),
  merchant text CHECK (length(merchant) <= 256),
  channel text CHECK (length(channel) <= 256),
  category text CHECK (length(category) <= 256),
  amount bigint,
  -- The amount, or 0: a row's place in the queue.
  money bigint NOT NULL,
  currency text CHECK (length(currency) <= 256),
  rules text[] NOT NULL,
  reason json,
  alert_ids text[] NOT NULL,
  -- All that it can be found by, each with its kind before it: see tags.ts.
  tags text[] NOT NULL,
  -- What a verdict on it can still change begins here.
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided')),
  round smallint NOT NULL DEFAULT 1,
  verdict text CHECK (verdict IN ('fraud', 'legitimate', 'inconclusive')),
  decided_by text CHECK (length(decided_by) <= 256),
  decided_at bigint,
  assignee text CHECK (length(assignee) <= 256),
  locked_until bigint,
  second_opinion boolean NOT NULL DEFAULT false,
  notes integer NOT NULL DEFAULT 0,
  CHECK ((state = 'decided') = (verdict IS NOT NULL))
) WITH (fillfactor = 90);
ALTER TABLE cases ALTER COLUMN tags SET STATISTICS 500;

-- The three orders of the queue. State and outcome lead: high scores are nearly all blocks, and a
-- walk by score alone would pass them all before the first review.
CREATE INDEX cases_risk ON cases
  (state, outcome, score DESC, money DESC, recorded_at DESC, key DESC);
CREATE INDEX cases_time ON cases (state, outcome, recorded_at DESC, key DESC);
CREATE INDEX cases_money ON cases
  (state, outcome, money DESC, score DESC, recorded_at DESC, key DESC);
CREATE INDEX cases_tags ON cases USING gin (tags) WITH (gin_pending_list_limit = 1024);
CREATE INDEX cases_assignee ON cases (assignee) WHERE assignee IS NOT NULL;
CREATE INDEX cases_verdict ON cases (verdict, recorded_at DESC) WHERE verdict IS NOT NULL;
CREATE INDEX cases_decided_by ON cases (decided_by, decided_at DESC) WHERE verdict IS NOT NULL;
CREATE INDEX cases_second ON cases (recorded_at DESC) WHERE second_opinion;
CREATE INDEX cases_recorded ON cases USING brin (recorded_at);

-- The audit record of a case whole, as Avro: exact to the byte (a superseding decision is made from
-- it), a quarter of the size of JSON, and a text in it may hold what jsonb refuses.
CREATE TABLE audits (
  key text COLLATE "C" PRIMARY KEY,
  recorded_at bigint NOT NULL,
  schema_id integer NOT NULL,
  record bytea NOT NULL
);
CREATE INDEX audits_recorded ON audits USING brin (recorded_at);

-- Every event, flagged or not: what timelines and links are made from.
CREATE TABLE sightings (
  key text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  occurred_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('allow', 'review', 'block')),
  score smallint NOT NULL,
  user_name text NOT NULL CHECK (length(user_name) <= 256),
  device text CHECK (length(device) <= 256),
  ip text CHECK (length(ip) <= 256),
  phone text CHECK (length(phone) <= 256),
  code text CHECK (length(code) <= 256),
  referrer text CHECK (length(referrer) <= 256),
  campaign text NOT NULL CHECK (length(campaign) <= 256),
  amount bigint
);
CREATE INDEX sightings_user ON sightings (user_name, occurred_at DESC);
CREATE INDEX sightings_device ON sightings (device, occurred_at DESC) WHERE device IS NOT NULL;
CREATE INDEX sightings_ip ON sightings (ip, occurred_at DESC) WHERE ip IS NOT NULL;
CREATE INDEX sightings_phone ON sightings (phone, occurred_at DESC) WHERE phone IS NOT NULL;
CREATE INDEX sightings_code ON sightings (code, occurred_at DESC) WHERE code IS NOT NULL;
CREATE INDEX sightings_referrer ON sightings (referrer, occurred_at DESC)
  WHERE referrer IS NOT NULL;
CREATE INDEX sightings_recorded ON sightings USING brin (recorded_at);

-- What people said. The unique index is what makes two verdicts at once impossible.
CREATE TABLE verdicts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_key text COLLATE "C" NOT NULL,
  round smallint NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('fraud', 'legitimate', 'inconclusive')),
  reviewer text NOT NULL CHECK (length(reviewer) <= 256),
  reason text CHECK (length(reason) <= 1024),
  given_at bigint NOT NULL,
  withdrawn_at bigint,
  published_at bigint,
  bulk_id text
);
CREATE UNIQUE INDEX verdicts_counting ON verdicts (case_key, round) WHERE withdrawn_at IS NULL;
CREATE INDEX verdicts_case ON verdicts (case_key);
CREATE INDEX verdicts_given ON verdicts (given_at);
CREATE INDEX verdicts_bulk ON verdicts (bulk_id) WHERE bulk_id IS NOT NULL;

-- Later words on an event that the engine decided: ours, and others' as they come.
CREATE TABLE superseding (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) <= 420),
  case_key text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('allow', 'review', 'block')),
  cause text CHECK (length(cause) <= 256),
  decided_by text CHECK (length(decided_by) <= 256),
  recorded_at bigint NOT NULL,
  verdict_id bigint
);
CREATE INDEX superseding_case ON superseding (case_key, number);

CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_key text COLLATE "C" NOT NULL,
  author text NOT NULL CHECK (length(author) <= 256),
  written_at bigint NOT NULL,
  note text NOT NULL CHECK (length(note) <= 4096)
);
CREATE INDEX notes_case ON notes (case_key);

CREATE TABLE bulks (
  id text PRIMARY KEY,
  verdict text NOT NULL,
  reviewer text NOT NULL CHECK (length(reviewer) <= 256),
  given_at bigint NOT NULL,
  undo_until bigint NOT NULL,
  undone_at bigint
);

-- What is to be published, in order of due time and id; a row goes when it stands in its topic.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication_id text NOT NULL UNIQUE,
  topic text NOT NULL CHECK (topic IN ('risk.reviews', 'risk.decisions', 'risk.lists')),
  case_key text COLLATE "C",
  verdict_id bigint,
  bulk_id text,
  person text CHECK (length(person) <= 256),
  -- JSON as text: it may hold escapes that jsonb refuses.
  record text NOT NULL,
  due_at bigint NOT NULL,
  state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'publishing')),
  publisher text,
  publishing_at bigint
);
CREATE INDEX outbox_due ON outbox (due_at, id);
CREATE INDEX outbox_case ON outbox (case_key) WHERE case_key IS NOT NULL;
CREATE INDEX outbox_bulk ON outbox (bulk_id) WHERE bulk_id IS NOT NULL;

-- What cases add up to, per rule (`rule`), first rule (`first`) and alert (`alert`).
CREATE TABLE marks (
  kind text NOT NULL,
  name text COLLATE "C" NOT NULL CHECK (length(name) <= 420),
  cases bigint NOT NULL DEFAULT 0,
  fraud bigint NOT NULL DEFAULT 0,
  legitimate bigint NOT NULL DEFAULT 0,
  inconclusive bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, name)
);

-- Decisions per minute of record time. `lateness`: events by binary logarithm of their delay.
CREATE TABLE minutes (
  at bigint PRIMARY KEY,
  allowed integer NOT NULL,
  reviewed integer NOT NULL,
  blocked integer NOT NULL,
  late integer NOT NULL
);
CREATE TABLE lateness (
  at bigint NOT NULL,
  bucket smallint NOT NULL,
  events integer NOT NULL,
  PRIMARY KEY (at, bucket)
);
CREATE TABLE rule_days (
  day integer NOT NULL,
  rule text COLLATE "C" NOT NULL CHECK (length(rule) <= 256),
  hits bigint NOT NULL,
  PRIMARY KEY (day, rule)
);

-- A scope's calendar day, whole and in buckets of event time.
CREATE TABLE scope_days (
  day integer NOT NULL,
  scope text COLLATE "C" NOT NULL CHECK (length(scope) <= 300),
  events bigint NOT NULL,
  flagged bigint NOT NULL,
  claims bigint NOT NULL,
  redemptions bigint NOT NULL,
  abnormal bigint NOT NULL,
  blocked_amount bigint NOT NULL,
  -- Second redemptions of a user in a campaign, and the time from the first, added up.
  seconds bigint NOT NULL DEFAULT 0,
  second_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (day, scope)
);
CREATE INDEX scope_days_scope ON scope_days (scope);
CREATE TABLE scope_points (
  day integer NOT NULL,
  scope text COLLATE "C" NOT NULL CHECK (length(scope) <= 300),
  at bigint NOT NULL,
  claims bigint NOT NULL,
  redemptions bigint NOT NULL,
  abnormal bigint NOT NULL,
  PRIMARY KEY (day, scope, at)
);

-- One row per raising of an alert; what follows changes it.
CREATE TABLE alerts (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) <= 420),
  condition text NOT NULL,
  scope text NOT NULL CHECK (length(scope) <= 300),
  day integer NOT NULL,
  state text NOT NULL CHECK (state IN ('raised', 'cleared', 'closed')),
  raised_at bigint NOT NULL,
  cleared_at bigint,
  closed_at bigint,
  redemptions bigint NOT NULL,
  abnormal bigint NOT NULL,
  abnormal_users bigint NOT NULL,
  share double precision NOT NULL,
  threshold double precision NOT NULL,
  acknowledged_by text CHECK (length(acknowledged_by) <= 256),
  acknowledged_at bigint
);
CREATE INDEX alerts_raised ON alerts (raised_at DESC);

CREATE TABLE list_entries (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) <= 600),
  list text NOT NULL,
  kind text NOT NULL,
  value text COLLATE "C" NOT NULL CHECK (length(value) <= 512),
  source text NOT NULL CHECK (length(source) <= 256),
  note text CHECK (length(note) <= 1024),
  added_at bigint NOT NULL,
  added_by text CHECK (length(added_by) <= 256),
  expires_at bigint,
  key_id text
);
CREATE INDEX list_entries_newest ON list_entries (added_at DESC, id DESC);
CREATE INDEX list_entries_value ON list_entries (kind, value);

CREATE TABLE dead_letters (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) <= 300),
  reason text NOT NULL CHECK (length(reason) <= 256),
  detail text NOT NULL CHECK (length(detail) <= 1024),
  source text NOT NULL CHECK (length(source) <= 256),
  partition_no integer NOT NULL,
  offset_no bigint NOT NULL,
  recorded_at bigint NOT NULL,
  sha256 text NOT NULL CHECK (length(sha256) <= 256),
  bytes bytea,
  bytes_length integer NOT NULL,
  -- JSON as text, values in base64.
  headers text NOT NULL,
  letter_key bytea,
  sealed_by text CHECK (length(sealed_by) <= 256),
  redriven_at bigint,
  redriven_by text CHECK (length(redriven_by) <= 256)
);
CREATE INDEX dead_letters_newest ON dead_letters (recorded_at DESC, id DESC);
CREATE INDEX dead_letters_reason ON dead_letters (reason, recorded_at DESC, id DESC);
