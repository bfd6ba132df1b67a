-- Penalties by violation and offence (D5), and what became of appeals against them. Nothing of this
-- is in a topic. Each change of a row is made while its case is locked.
CREATE TABLE penalties (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_key text COLLATE "C" NOT NULL CHECK (case_key ~ '^[0-9a-f]{32}$'),
  -- The verdict of fraud that it rests on.
  verdict_id bigint,
  violation text NOT NULL
    CHECK (violation IN ('false-advertising', 'cashing-out', 'api-hijack')),
  subject_kind text NOT NULL CHECK (subject_kind IN ('user', 'merchant')),
  subject text COLLATE "C" NOT NULL CHECK (length(subject) <= 256),
  offence integer NOT NULL CHECK (offence >= 1),
  step text NOT NULL CHECK (step IN ('takedown', 'freeze', 'disable', 'ban', 'blacklist')),
  until_at bigint,
  state text NOT NULL DEFAULT 'imposed'
    CHECK (state IN ('imposed', 'appealed', 'upheld', 'overturned', 'withdrawn')),
  -- What it was before a verdict, or the undoing of one, changed it.
  state_before text CHECK (state_before IN ('imposed', 'appealed', 'upheld')),
  note text CHECK (length(note) <= 1024),
  imposed_by text NOT NULL CHECK (length(imposed_by) <= 256),
  imposed_at bigint NOT NULL,
  appealed_by text CHECK (length(appealed_by) <= 256),
  appealed_at bigint,
  ground text CHECK (length(ground) <= 4096),
  ended_by text CHECK (length(ended_by) <= 256),
  ended_at bigint,
  -- The verdict that changed it; null where it fell with the one that it rests on.
  ended_verdict_id bigint,
  -- The entry of the block list, as JSON in text as in the outbox; null where it lists nobody.
  entry text,
  -- What was published last of that entry, or is to be.
  publication_id text,
  CHECK ((appealed_at IS NULL) = (ground IS NULL))
);
-- A case has one that counts for each violation, whoever else imposes one at the same moment.
CREATE UNIQUE INDEX penalties_counting ON penalties (case_key, violation)
  WHERE state IN ('imposed', 'appealed', 'upheld');
CREATE INDEX penalties_case ON penalties (case_key);
CREATE INDEX penalties_subject ON penalties (subject, subject_kind, violation);
