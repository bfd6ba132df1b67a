-- What a campaign's redemptions brought and cost (D9), by day and currency: of those that were not
-- blocked and name both amounts. Days from before this table have no rows: not known, not zero.
CREATE TABLE campaign_money (
  scope text COLLATE "C" NOT NULL CHECK (length(scope) <= 300),
  day integer NOT NULL,
  -- '': the event named none that could be one.
  currency text COLLATE "C" NOT NULL CHECK (currency ~ '^([A-Z]{3})?$'),
  redemptions bigint NOT NULL,
  -- In minor units; both end at 2^53 - 1 instead of failing.
  orders bigint NOT NULL,
  coupons bigint NOT NULL,
  PRIMARY KEY (scope, day, currency)
);
CREATE INDEX campaign_money_day ON campaign_money (day);
