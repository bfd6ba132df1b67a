-- What the queue knows of its cases before it walks an index: for each tag that many cases share
-- (rule, tier, campaign, merchant, channel, alert), and for all of them (''), how many cases of an
-- outcome have it and between which values. Rules and scores go together, so a walk without these
-- passes hundreds of thousands of rows before the first that has the tag, or finds none at all.
-- Cases that are no longer kept are not taken off: the values are bounds, never too narrow.
CREATE TABLE spans (
  tag text COLLATE "C" NOT NULL CHECK (length(tag) <= 420),
  outcome text NOT NULL CHECK (outcome IN ('review', 'block')),
  cases bigint NOT NULL,
  score_min smallint NOT NULL,
  score_max smallint NOT NULL,
  money_max bigint NOT NULL,
  recorded_min bigint NOT NULL,
  recorded_max bigint NOT NULL,
  PRIMARY KEY (tag, outcome)
) WITH (fillfactor = 50);

INSERT INTO spans
  SELECT tag, outcome, count(*), min(score), max(score), max(money), min(recorded_at),
    max(recorded_at)
  FROM cases, unnest(tags || ''::text) AS tag
  WHERE tag = '' OR left(tag, 2) IN ('R:', 'T:', 'C:', 'M:', 'H:', 'A:')
  GROUP BY tag, outcome;
