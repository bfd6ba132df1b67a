-- People and their sessions, tokens of programs, saved filters, attempts to sign in, and the audit
-- log. No password and no token is here: only their hashes. Times are milliseconds since 1970.

CREATE TABLE person (
  name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
  -- Folded: two people never differ by case, width or spaces alone.
  folded text NOT NULL UNIQUE CHECK (length(folded) BETWEEN 1 AND 240),
  role text NOT NULL CHECK (role IN ('viewer', 'reviewer', 'lead', 'administrator')),
  -- argon2id in PHC form.
  password text NOT NULL CHECK (length(password) BETWEEN 1 AND 300),
  is_disabled boolean NOT NULL DEFAULT false,
  created_at bigint NOT NULL,
  last_seen_at bigint
);

CREATE TABLE person_session (
  token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
  person text NOT NULL REFERENCES person (name) ON DELETE CASCADE,
  begun_at bigint NOT NULL,
  used_at bigint NOT NULL,
  ends_at bigint NOT NULL
);
CREATE INDEX person_session_person ON person_session (person, begun_at);

CREATE TABLE program_token (
  id text PRIMARY KEY CHECK (length(id) <= 40),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  folded text NOT NULL UNIQUE CHECK (length(folded) BETWEEN 1 AND 240),
  role text NOT NULL CHECK (role IN ('viewer', 'reviewer', 'lead', 'administrator')),
  token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  created_at bigint NOT NULL,
  created_by text NOT NULL CHECK (length(created_by) <= 100),
  last_used_at bigint
);

CREATE TABLE saved_filter (
  -- A person's name, or a program's with token: before it.
  owner text NOT NULL CHECK (length(owner) <= 100),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  query text NOT NULL CHECK (length(query) BETWEEN 1 AND 2000),
  PRIMARY KEY (owner, name)
);

-- Attempts to sign in by name (whether or not there is such a person) and by address.
CREATE TABLE sign_in_attempt (
  kind text NOT NULL CHECK (kind IN ('name', 'address')),
  -- SHA-256 of the folded name, or of the address, in hexadecimal.
  key text NOT NULL CHECK (length(key) = 64),
  failures integer NOT NULL,
  last_at bigint NOT NULL,
  blocked_until bigint NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  person text NOT NULL CHECK (length(person) <= 100),
  action text NOT NULL CHECK (length(action) <= 60),
  subject text CHECK (length(subject) <= 400),
  detail text CHECK (length(detail) <= 2000),
  address text CHECK (length(address) <= 100)
);
CREATE INDEX audit_log_person ON audit_log (person, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE INDEX audit_log_subject ON audit_log (subject text_pattern_ops, id);
CREATE INDEX audit_log_at ON audit_log (at);

-- Append-only: nothing is changed, and nothing goes but by audit_log_forget(), and then only what
-- is older than 180 days by the database's own clock.
CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
    AND current_setting('couponguard.audit_forgets', true) = 'yes'
    AND OLD.at < (extract(epoch FROM now()) * 1000)::bigint - 15552000000
  THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP;
END
$$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_stays();
CREATE TRIGGER audit_log_stays_whole BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();

-- Drops at most 10,000 entries older than 180 days, and tells how many.
CREATE FUNCTION audit_log_forget() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  dropped bigint;
BEGIN
  PERFORM set_config('couponguard.audit_forgets', 'yes', true);
  DELETE FROM audit_log WHERE id IN (
    SELECT id FROM audit_log
    WHERE at < (extract(epoch FROM now()) * 1000)::bigint - 15552000000
    ORDER BY at LIMIT 10000
  );
  GET DIAGNOSTICS dropped = ROW_COUNT;
  PERFORM set_config('couponguard.audit_forgets', 'no', true);
  RETURN dropped;
END
$$;
