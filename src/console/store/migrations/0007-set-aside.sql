-- What people alone know of rows that the topics fill, for as long as those are filled anew: how
-- often a case was opened again, who acknowledged an alert, listed an entry, or sent a letter
-- in again. A row is taken back when its record comes.
CREATE TABLE set_aside (
  kind text NOT NULL CHECK (kind IN ('case', 'alert', 'entry', 'letter')),
  id text COLLATE "C" NOT NULL CHECK (length(id) <= 600),
  round smallint,
  second_opinion boolean,
  notes integer,
  person text CHECK (length(person) <= 256),
  at bigint,
  PRIMARY KEY (kind, id)
);
