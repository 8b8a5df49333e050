-- What is tried in vain counts at the password that an account has: whoever was given a new one, because others had tried
-- the old one so often that nobody was let in, may use it at once.

-- What attempts at an account are counted under. Of an account that is not there, or has no password, its name alone.
CREATE FUNCTION sign_in_subject(in_slug text, in_email text) RETURNS text
  LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT in_slug || ' ' || lower(in_email COLLATE "C") || coalesce(
    (SELECT ' ' || encode(sha256(convert_to(a.password_hash, 'UTF8')), 'hex')
     FROM tenants t
     JOIN accounts a ON a.tenant_id = t.id
     WHERE t.slug = in_slug AND lower(a.email COLLATE "C") = lower(in_email COLLATE "C")), '');
END;
REVOKE ALL ON FUNCTION sign_in_subject(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION admit_sign_in(in_slug text, in_email text, in_address text) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := sign_in_subject(in_slug, in_email);
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

CREATE OR REPLACE FUNCTION forgive_sign_in(in_slug text, in_email text, in_address text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  origin text := origin_of(in_address);
  account text := sign_in_subject(in_slug, in_email);
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
