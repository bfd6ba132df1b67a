-- A redemption taken back (D20) is a kind of its own.
ALTER TABLE cases DROP CONSTRAINT cases_kind_check;
ALTER TABLE cases ADD CONSTRAINT cases_kind_check
  CHECK (kind IN ('claim', 'redemption', 'reversal', 'unknown')) NOT VALID;
