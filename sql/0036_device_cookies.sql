-- A browser that an account has signed in by is known again by a cookie, wherever it is: what others try in vain at
-- the same address, or at the same account, keeps nobody out who shows it. It lets nobody in.

CREATE TABLE device_cookies (
  tenant_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  -- Whether the browser had kept the one before, in whose place this is.
  replaces_another boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT device_cookies_pkey PRIMARY KEY (tenant_id, account_id, digest),
  CONSTRAINT device_cookies_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT device_cookies_digest_length CHECK (octet_length(digest) = 32)
);
CREATE INDEX device_cookies_by_creation ON device_cookies (created_at);
CALL isolate('device_cookies');
GRANT SELECT, INSERT, DELETE ON device_cookies TO latchkey_console;

-- Whether the account of this e-mail address has signed in by the browser that shows the cookie of this digest.
CREATE FUNCTION is_known_device(in_slug text, in_email text, in_digest bytea) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM tenants t
    JOIN accounts a ON a.tenant_id = t.id
    JOIN device_cookies d ON d.tenant_id = a.tenant_id AND d.account_id = a.id
    WHERE t.slug = in_slug AND lower(a.email COLLATE "C") = lower(in_email COLLATE "C")
      AND d.digest = in_digest AND d.created_at > now() - interval '180 days');
END;
REVOKE ALL ON FUNCTION is_known_device(text, text, bytea) FROM PUBLIC;

-- What attempts by one browser at an account are counted under.
CREATE FUNCTION device_subject(in_digest bytea, in_account text) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
  RETURN 'sign-in with ' || encode(in_digest, 'hex') || ' to ' || in_account;
REVOKE ALL ON FUNCTION device_subject(bytea, text) FROM PUBLIC;

-- As before, but that a browser which the account knows has 10 attempts in 15 minutes of its own, and no others count.
DROP FUNCTION admit_sign_in(text, text, text);
CREATE FUNCTION admit_sign_in(in_slug text, in_email text, in_address text, in_device bytea DEFAULT NULL)
  RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := sign_in_subject(in_slug, in_email);
  is_known boolean := is_known_origin(in_slug, in_email, origin);
  wait integer := 0;
BEGIN
  IF is_known_device(in_slug, in_email, in_device) THEN
    RETURN count_attempt(device_subject(in_device, account), 10, '15 minutes');
  END IF;
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
REVOKE ALL ON FUNCTION admit_sign_in(text, text, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_sign_in(text, text, text, bytea) TO latchkey_console;

-- As before. What the attempt was counted under is told by its counter: another sign-in by the same browser may have
-- replaced the cookie since.
DROP FUNCTION forgive_sign_in(text, text, text);
CREATE FUNCTION forgive_sign_in(in_slug text, in_email text, in_address text, in_device bytea DEFAULT NULL)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := sign_in_subject(in_slug, in_email);
  is_known boolean := is_known_origin(in_slug, in_email, origin);
BEGIN
  UPDATE attempts SET attempts = attempts - 1
  WHERE subject = sha256(convert_to(device_subject(in_device, account), 'UTF8')) AND attempts > 0;
  IF FOUND THEN
    RETURN;
  END IF;
  IF NOT is_known THEN
    PERFORM forgive_attempt('sign-in from ' || origin);
  END IF;
  PERFORM forgive_attempt('sign-in from ' || origin || ' to ' || account);
  IF NOT is_known THEN
    PERFORM forgive_attempt('sign-in to ' || account);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION forgive_sign_in(text, text, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forgive_sign_in(text, text, text, bytea) TO latchkey_console;

-- As before, and forgets browsers that nobody signed in by for half a year.
CREATE OR REPLACE FUNCTION prune_attempts() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH ended AS (
    DELETE FROM attempts WHERE began_at <= now() - interval '1 hour' RETURNING 1
  ), forgotten AS (
    DELETE FROM sign_in_origins WHERE last_signed_in_at <= now() - interval '180 days' RETURNING 1
  ), unused AS (
    DELETE FROM device_cookies WHERE created_at <= now() - interval '180 days' RETURNING 1
  )
  SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM forgotten) + (SELECT count(*) FROM unused);
END;
