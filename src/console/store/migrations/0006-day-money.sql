-- Money of blocked events by day and currency, since sums of several currencies say nothing. What
-- was added up before is of the one currency that blocked cases have, or of none ('') where they
-- have several: nobody can take it apart again.
CREATE TABLE day_money (
  day integer NOT NULL,
  -- '': the event named none that could be one.
  currency text COLLATE "C" NOT NULL CHECK (currency ~ '^([A-Z]{3})?$'),
  blocked bigint NOT NULL,
  PRIMARY KEY (day, currency)
);

INSERT INTO day_money
  SELECT day, one.currency, blocked_amount
  FROM scope_days, (
    SELECT CASE WHEN min(currency) = max(currency) AND min(currency) ~ '^[A-Z]{3}$'
      THEN min(currency) ELSE '' END AS currency
    FROM cases WHERE outcome = 'block' AND currency IS NOT NULL) AS one
  WHERE scope = 'all' AND blocked_amount > 0;

ALTER TABLE scope_days DROP COLUMN blocked_amount;
