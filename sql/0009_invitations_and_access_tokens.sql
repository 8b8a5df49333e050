-- How an account comes to its password, the tokens that programs act for it by, sessions that end when they are not used,
-- and how often somebody may guess.

GRANT DELETE, UPDATE (name, role, state, password_hash, updated_at) ON accounts TO latchkey_console;
CREATE INDEX accounts_newest ON accounts (tenant_id, created_at DESC, id DESC);
CREATE INDEX accounts_owners ON accounts (tenant_id, id) WHERE role = 'owner';

-- The one invitation that an invited account has. Only the token's SHA-256 is kept.
CREATE TABLE invitations (
  tenant_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  token_digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT invitations_token_digest_unique UNIQUE (token_digest),
  CONSTRAINT invitations_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT invitations_token_digest_length CHECK (octet_length(token_digest) = 32)
);
CALL isolate('invitations');
GRANT SELECT, INSERT, UPDATE (token_digest, created_at, expires_at), DELETE ON invitations TO latchkey_console;
CALL audit_changes('invitations', 'invitation', entity_column => 'account_id');

-- Which tenant an invitation is to, by its token's SHA-256. No row once it has expired, or its account is not invited any
-- more, or its tenant is suspended.
CREATE FUNCTION invitation_by_digest(in_token_digest bytea)
  RETURNS TABLE (tenant_id text, account_id text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT i.tenant_id, i.account_id
  FROM invitations i
  JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
  JOIN tenants t ON t.id = i.tenant_id
  WHERE i.token_digest = in_token_digest AND i.expires_at > now() AND a.state = 'invited' AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION invitation_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION invitation_by_digest(bytea) TO latchkey_console;

-- A credential of an account for programs. Only its SHA-256 is kept, and enough of its beginning to tell two apart.
CREATE TABLE access_tokens (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  digest bytea NOT NULL,
  prefix text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  CONSTRAINT access_tokens_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT access_tokens_digest_unique UNIQUE (digest),
  CONSTRAINT access_tokens_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT access_tokens_role_valid CHECK (role IN ('owner', 'admin', 'developer', 'viewer')),
  CONSTRAINT access_tokens_digest_length CHECK (octet_length(digest) = 32)
);
CREATE INDEX access_tokens_newest ON access_tokens (tenant_id, created_at DESC, id DESC);
CREATE INDEX access_tokens_by_account ON access_tokens (tenant_id, account_id, created_at DESC, id DESC);
CALL isolate('access_tokens');
GRANT SELECT, INSERT, UPDATE (last_used_at), DELETE ON access_tokens TO latchkey_console;
CALL audit_changes('access_tokens', 'accessToken', ignored => '{last_used_at}');

-- Whose access token this is, by its SHA-256, with the role that its account has and the one it was given; and whether it
-- is time to write down that it was used. No row once it has expired or its tenant or account is not active.
CREATE FUNCTION access_token_by_digest(in_digest bytea)
  RETURNS TABLE (tenant_id text, account_id text, id text, account_role text, role text, is_touch_due boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT k.tenant_id, k.account_id, k.id, a.role, k.role,
    k.last_used_at IS NULL OR k.last_used_at <= now() - interval '1 minute'
  FROM access_tokens k
  JOIN accounts a ON a.tenant_id = k.tenant_id AND a.id = k.account_id
  JOIN tenants t ON t.id = k.tenant_id
  WHERE k.digest = in_digest AND (k.expires_at > now() OR k.expires_at IS NULL)
    AND a.state = 'active' AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION access_token_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_token_by_digest(bytea) TO latchkey_console;

-- Sessions get an id, by which a person ends one of them, and end when they are not used.
ALTER TABLE sessions
  ADD COLUMN id text COLLATE "C",
  ADD COLUMN address text,
  ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN idle_timeout interval NOT NULL DEFAULT '8 hours';
-- As random as the token that it is derived from, and of no use in finding it.
UPDATE sessions s
SET id = (
  SELECT 'ssn_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + (get_byte(sha256(s.token_digest), i) & CASE i WHEN 0 THEN 7 ELSE 31 END), 1),
    '' ORDER BY i)
  FROM generate_series(0, 25) i);
ALTER TABLE sessions
  ALTER COLUMN id SET NOT NULL,
  ADD CONSTRAINT sessions_id_unique UNIQUE (tenant_id, id);
DROP INDEX sessions_by_account;
CREATE INDEX sessions_by_account ON sessions (tenant_id, account_id, created_at DESC, id DESC);
GRANT UPDATE (last_used_at) ON sessions TO latchkey_console;
-- The address is told as the event's origin, where it can be erased.
DROP TRIGGER audit ON sessions;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit('session', 'tenant_id', 'account_id', '{address}', '{last_used_at,idle_timeout}');
DROP TRIGGER audit_end ON sessions;
CREATE CONSTRAINT TRIGGER audit_end AFTER DELETE ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (nullif(current_setting('latchkey.account_id', true), '') IS NOT NULL)
  EXECUTE FUNCTION audit('session', 'tenant_id', 'account_id', '{address}', '{last_used_at,idle_timeout}');

-- Whose token this is, by its SHA-256, and whether it is time to write down that it was used: once a minute, or more often
-- where so little is left that this would end it. No row once the session has expired, or was not used for as long as
-- it may be, or its tenant or account is not active.
DROP FUNCTION session_by_digest(bytea);
CREATE FUNCTION session_by_digest(in_token_digest bytea)
  RETURNS TABLE (tenant_id text, account_id text, role text, is_touch_due boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT s.tenant_id, s.account_id, a.role,
    s.last_used_at <= now() - least(interval '1 minute', s.idle_timeout / 4)
  FROM sessions s
  JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
  JOIN tenants t ON t.id = s.tenant_id
  WHERE s.token_digest = in_token_digest AND s.expires_at > now() AND s.last_used_at + s.idle_timeout > now()
    AND a.state = 'active' AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION session_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_by_digest(bytea) TO latchkey_console;

-- Forgets sessions that have ended by themselves. Returns how many there were.
CREATE OR REPLACE FUNCTION prune_sessions() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH ended AS (
    DELETE FROM sessions WHERE expires_at <= now() OR last_used_at + idle_timeout <= now() RETURNING 1
  )
  SELECT count(*) FROM ended;
END;

-- What counts as one place for somebody who guesses: an IPv4 address, or an IPv6 network of 64 bits, of which anybody has
-- as many addresses as they like. The empty text where there is no address.
CREATE FUNCTION origin_of(in_address text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN coalesce(in_address, '') = '' THEN ''
    WHEN in_address::inet <<= '::ffff:0:0/96' THEN split_part(host(in_address::inet), ':', 4)
    WHEN family(in_address::inet) = 6 THEN network(set_masklen(in_address::inet, 64))::text
    ELSE host(in_address::inet)
  END;
GRANT EXECUTE ON FUNCTION origin_of(text) TO latchkey_console;

-- Where an account has signed in from: who comes from there is not kept out by what others do elsewhere.
CREATE TABLE sign_in_origins (
  tenant_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  origin text COLLATE "C" NOT NULL,
  last_signed_in_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT sign_in_origins_pkey PRIMARY KEY (tenant_id, account_id, origin),
  CONSTRAINT sign_in_origins_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CALL isolate('sign_in_origins');
GRANT SELECT, INSERT, UPDATE (last_signed_in_at) ON sign_in_origins TO latchkey_console;

-- How often something was tried in the window that began at `began_at`. The subject is a digest of what is limited.
CREATE TABLE attempts (
  subject bytea NOT NULL,
  began_at timestamptz NOT NULL,
  attempts integer NOT NULL,
  CONSTRAINT attempts_pkey PRIMARY KEY (subject),
  CONSTRAINT attempts_subject_length CHECK (octet_length(subject) = 32)
);
CREATE INDEX attempts_by_beginning ON attempts (began_at);
ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON attempts TO latchkey_owner USING (true) WITH CHECK (true);

-- Counts one attempt more. Gives in how many seconds the next may be made; 0 if this one may.
CREATE FUNCTION count_attempt(in_subject text, in_limit bigint, in_window interval) RETURNS integer
  LANGUAGE sql SET search_path = public, pg_temp
BEGIN ATOMIC
  INSERT INTO attempts AS a (subject, began_at, attempts)
  VALUES (sha256(convert_to(in_subject, 'UTF8')), now(), 1)
  ON CONFLICT (subject) DO UPDATE
  SET began_at = CASE WHEN a.began_at + in_window <= now() THEN now() ELSE a.began_at END,
    attempts = CASE WHEN a.began_at + in_window <= now() THEN 1 ELSE least(a.attempts + 1, 1000000) END
  RETURNING CASE WHEN attempts <= in_limit THEN 0
    ELSE greatest(1, ceil(extract(epoch FROM began_at + in_window - now())))::integer END;
END;

CREATE FUNCTION forgive_attempt(in_subject text) RETURNS void
  LANGUAGE sql SET search_path = public, pg_temp
BEGIN ATOMIC
  UPDATE attempts SET attempts = attempts - 1
  WHERE subject = sha256(convert_to(in_subject, 'UTF8')) AND attempts > 0;
END;

-- Whether the account of this e-mail address has signed in from there before.
CREATE FUNCTION is_known_origin(in_slug text, in_email text, in_origin text) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM tenants t
    JOIN accounts a ON a.tenant_id = t.id
    JOIN sign_in_origins o ON o.tenant_id = a.tenant_id AND o.account_id = a.id
    WHERE t.slug = in_slug AND lower(a.email COLLATE "C") = lower(in_email COLLATE "C") AND o.origin = in_origin);
END;

-- Counts a password that is tried before it is looked at, whether there is such an account or not. Gives in how many
-- seconds the next may be tried; 0 if this one may.
--
-- An origin has 10 attempts in 15 minutes at an account, and 100 at all accounts together; an account has 100 in an hour
-- from all origins together. Where it has signed in before the last two do not count, in either sense: nobody can
-- keep an account out by failing elsewhere, nor by failing at other accounts from behind the same address.
CREATE FUNCTION admit_sign_in(in_slug text, in_email text, in_address text) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := in_slug || ' ' || lower(in_email COLLATE "C");
  is_known boolean := is_known_origin(in_slug, in_email, origin);
  wait integer := 0;
BEGIN
  -- Always in this order, so that no two wait for each other. What an origin tries in vain is not the account's.
  IF NOT is_known THEN
    wait := count_attempt('sign-in from ' || origin, 100, '15 minutes');
  END IF;
  IF wait = 0 THEN
    wait := count_attempt('sign-in from ' || origin || ' to ' || account, 10, '15 minutes');
  END IF;
  IF wait = 0 AND NOT is_known THEN
    wait := count_attempt('sign-in to ' || account, 100, '1 hour');
  END IF;
  RETURN wait;
END
$$;
REVOKE ALL ON FUNCTION admit_sign_in(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_sign_in(text, text, text) TO latchkey_console;

-- Takes back that an attempt was counted, which was none in vain. Before its origin becomes known.
CREATE FUNCTION forgive_sign_in(in_slug text, in_email text, in_address text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := in_slug || ' ' || lower(in_email COLLATE "C");
  is_known boolean := is_known_origin(in_slug, in_email, origin);
BEGIN
  IF NOT is_known THEN
    PERFORM forgive_attempt('sign-in from ' || origin);
  END IF;
  PERFORM forgive_attempt('sign-in from ' || origin || ' to ' || account);
  IF NOT is_known THEN
    PERFORM forgive_attempt('sign-in to ' || account);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION forgive_sign_in(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forgive_sign_in(text, text, text) TO latchkey_console;

-- Counts a tenant that somebody would make. Gives in how many seconds they may; 0 if now.
CREATE FUNCTION admit_sign_up(in_address text, in_hourly_limit bigint) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT count_attempt('sign-up from ' || origin_of(in_address), in_hourly_limit, '1 hour');
END;
REVOKE ALL ON FUNCTION admit_sign_up(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_sign_up(text, bigint) TO latchkey_console;

-- Forgets attempts whose windows are over, and origins that nobody signed in from for half a year. Returns how many
-- there were.
CREATE FUNCTION prune_attempts() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH ended AS (
    DELETE FROM attempts WHERE began_at <= now() - interval '1 hour' RETURNING 1
  ), forgotten AS (
    DELETE FROM sign_in_origins WHERE last_signed_in_at <= now() - interval '180 days' RETURNING 1
  )
  SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM forgotten);
END;
REVOKE ALL ON FUNCTION prune_attempts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_attempts() TO latchkey_console;
