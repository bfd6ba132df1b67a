-- The currency of what was at stake, so that a timeline can say it. Sightings from before have
-- none and are shown as plain numbers; they are gone after ninety days.
ALTER TABLE sightings ADD COLUMN currency text CHECK (length(currency) <= 256);
