-- A tenant, or a key, however much there is of it, is removed in steps that are short each: none can take so long that it is
-- given up and begun anew for ever, and nobody's audit is locked for long.
--
-- What is deleted for good has the state `deleted` from the first step on, which nothing undoes, and waits for the rest as
-- long as its deletion is still requested.

-- The same as before, but for what is removed with its whole tenant: its audit goes too.
CREATE OR REPLACE FUNCTION audit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  hidden text[] := TG_ARGV[3]::text[] || ARRAY(
    SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = TG_RELID AND a.atttypid = 'bytea'::regtype);
  old_row jsonb := to_jsonb(OLD) - TG_ARGV[4]::text[];
  new_row jsonb := to_jsonb(NEW) - TG_ARGV[4]::text[];
  entity jsonb := coalesce(new_row, old_row);
  action text := CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'updated' END;
  change jsonb;
BEGIN
  IF (TG_OP = 'DELETE' OR TG_ARGV[0] = 'tenant') AND EXISTS (
    SELECT FROM tenants t WHERE t.id = entity ->> TG_ARGV[1] AND t.state = 'deleted')
  THEN RETURN NULL; END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, n.value), '{}')
    INTO old_row, new_row
    FROM jsonb_each(old_row) o
    JOIN jsonb_each(new_row) n ON n.key = o.key AND n.value IS DISTINCT FROM o.value;
    IF new_row = '{}' THEN RETURN NULL; END IF;
    action := CASE
      WHEN new_row ? 'deleted_at' THEN CASE WHEN new_row ->> 'deleted_at' IS NULL THEN 'restored' ELSE 'deleted' END
      WHEN new_row ? 'ended_at' THEN 'ended'
      ELSE action END;
  END IF;
  change := CASE TG_OP
    WHEN 'INSERT' THEN jsonb_build_object('after', new_row - hidden)
    WHEN 'DELETE' THEN jsonb_build_object('before', old_row - hidden)
    ELSE jsonb_build_object('before', old_row - hidden, 'after', new_row - hidden) END;
  PERFORM append_audit_event(
    entity ->> TG_ARGV[1], TG_ARGV[0], entity ->> TG_ARGV[2], TG_ARGV[0] || '.' || action, change);
  RETURN NULL;
END
$$;

-- Nobody is erased from an audit that goes too.
CREATE OR REPLACE FUNCTION erase_deleted_account() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tenants t WHERE t.id = OLD.tenant_id AND t.state = 'deleted') THEN
    PERFORM erase_account_from_audit(OLD.tenant_id, OLD.id);
  END IF;
  RETURN NULL;
END
$$;

-- Takes up to a thousand targets, and then as many authorizations, from keys that are given by their tenants and ids, which
-- the providers' audit tells of. Returns how many rows that was; 0 when nothing is left to take.
CREATE FUNCTION take_authorizations(in_tenant_ids text[], in_key_ids text[]) RETURNS bigint
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  taken bigint;
BEGIN
  DELETE FROM authorization_targets WHERE ctid = ANY (ARRAY(
    SELECT x.ctid
    FROM unnest(in_tenant_ids, in_key_ids) AS gone (tenant_id, id)
    JOIN authorizations a ON a.subscriber_tenant_id = gone.tenant_id AND a.subscription_key_id = gone.id
    JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
    LIMIT 1000
    FOR UPDATE OF x));
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken > 0 THEN RETURN taken; END IF;
  DELETE FROM authorizations WHERE ctid = ANY (ARRAY(
    SELECT a.ctid
    FROM unnest(in_tenant_ids, in_key_ids) AS gone (tenant_id, id)
    JOIN authorizations a ON a.subscriber_tenant_id = gone.tenant_id AND a.subscription_key_id = gone.id
    LIMIT 1000
    FOR UPDATE OF a));
  GET DIAGNOSTICS taken = ROW_COUNT;
  RETURN taken;
END
$$;
REVOKE ALL ON FUNCTION take_authorizations(text[], text[]) FROM PUBLIC;

-- Really removes keys that were deleted 30 days ago, up to a thousand at a time, after their authorizations. Returns how many
-- rows that was; 0 when nothing is left to remove.
CREATE OR REPLACE FUNCTION prune_subscription_keys() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  owners text[];
  ids text[];
  removed bigint;
BEGIN
  SELECT array_agg(gone.tenant_id), array_agg(gone.id) INTO owners, ids
  FROM (
    SELECT k.tenant_id, k.id
    FROM subscription_keys k
    WHERE k.deleted_at < now() - interval '30 days'
    ORDER BY k.deleted_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED) gone;
  removed := take_authorizations(owners, ids);
  IF removed > 0 THEN RETURN removed; END IF;
  DELETE FROM subscription_keys k
  USING unnest(owners, ids) AS gone (tenant_id, id)
  WHERE k.tenant_id = gone.tenant_id AND k.id = gone.id;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;

-- One step of removing all of a tenant, its audit included, but for its slug; what others had authorized its keys for goes
-- with the keys, and their audit tells of it. By the catalogue, so that no table is forgotten. Returns whether there may be
-- more to remove.
DROP FUNCTION purge_tenant(text);
CREATE FUNCTION purge_tenant(in_tenant_id text) RETURNS boolean
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  remaining text[];
  owned text;
  emptied text;
  removed bigint;
BEGIN
  -- One step after the other, and after whatever is being added to it.
  PERFORM FROM tenants WHERE id = in_tenant_id FOR UPDATE;
  UPDATE tenants
  SET state = 'deleted', name = slug, deletion_requested_at = coalesce(deletion_requested_at, now()), updated_at = now()
  WHERE id = in_tenant_id AND state <> 'deleted';
  IF FOUND THEN
    DELETE FROM tenant_usage WHERE tenant_id = in_tenant_id;
    DELETE FROM tenant_quotas WHERE tenant_id = in_tenant_id;
    PERFORM append_audit_event('installation', 'tenant', in_tenant_id, 'tenant.purged', NULL);
    RETURN true;
  END IF;
  removed := take_authorizations(array_agg(k.tenant_id), array_agg(k.id))
  FROM subscription_keys k
  WHERE k.tenant_id = in_tenant_id AND EXISTS (
    SELECT FROM authorizations a WHERE a.subscriber_tenant_id = k.tenant_id AND a.subscription_key_id = k.id);
  IF removed > 0 THEN RETURN true; END IF;
  remaining := ARRAY(
    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relname <> 'changes');
  WHILE remaining <> '{}' LOOP
    emptied := NULL;
    FOREACH owned IN ARRAY remaining LOOP
      -- Not before the tables that refer to it: nothing is removed, or changed, by a reference.
      CONTINUE WHEN EXISTS (
        SELECT FROM pg_constraint f
        WHERE f.contype = 'f' AND f.confrelid = owned::regclass AND f.conrelid <> f.confrelid
          AND f.conrelid = ANY (remaining::regclass[]));
      EXECUTE format(
        'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 LIMIT 5000))', owned)
      USING in_tenant_id;
      GET DIAGNOSTICS removed = ROW_COUNT;
      IF removed > 0 THEN RETURN true; END IF;
      emptied := owned;
      EXIT;
    END LOOP;
    IF emptied IS NULL THEN RAISE EXCEPTION 'these tables refer to each other in a circle: %', remaining; END IF;
    remaining := array_remove(remaining, emptied);
  END LOOP;
  UPDATE tenants SET deletion_requested_at = NULL, updated_at = now()
  WHERE id = in_tenant_id AND deletion_requested_at IS NOT NULL;
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION purge_tenant(text) FROM PUBLIC;

-- One step of removing a tenant whose deletion was requested 30 days ago, or is under way. Which of several is left to chance,
-- so that one that cannot be removed keeps no other waiting. Returns 1, or 0 when none is due.
CREATE OR REPLACE FUNCTION purge_tenants() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  due text;
BEGIN
  SELECT id INTO due
  FROM tenants
  WHERE deletion_requested_at < now() - interval '30 days' OR state = 'deleted' AND deletion_requested_at IS NOT NULL
  ORDER BY random()
  LIMIT 1
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  PERFORM purge_tenant(due);
  RETURN 1;
END
$$;

-- All rows of a tenant as JSON, table by table, less what is secret (whatever is bytes, and password hashes) and what the
-- database makes of the rest. What others authorized its keys for comes as its callers see it.
CREATE OR REPLACE FUNCTION export_tenant(in_tenant_id text) RETURNS TABLE (relation text, content text)
  LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
  owned record;
BEGIN
  RETURN QUERY SELECT 'tenants', to_jsonb(t)::text FROM tenants t WHERE t.id = in_tenant_id;
  FOR owned IN
    SELECT c.relname, ARRAY(
      SELECT h.attname::text FROM pg_attribute h
      WHERE h.attrelid = c.oid
        AND (h.atttypid = 'bytea'::regtype OR h.attname = 'password_hash' OR h.attgenerated <> '')) AS hidden
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relname <> 'changes'
    ORDER BY c.relname
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, (to_jsonb(t) - $2)::text FROM %I t WHERE t.tenant_id = $1', owned.relname, owned.relname)
    USING in_tenant_id, owned.hidden;
  END LOOP;
  RETURN QUERY
    SELECT 'received_authorizations', jsonb_build_object(
      'tenant_id', a.subscriber_tenant_id, 'id', a.id, 'subscription_key_id', a.subscription_key_id,
      'provider_slug', t.slug, 'provider_name', t.name, 'group_id', x.group_id, 'group_name', g.name,
      'environment', x.environment, 'expires_at', a.expires_at, 'created_at', a.created_at)::text
    FROM authorizations a
    JOIN tenants t ON t.id = a.tenant_id
    JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
    JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
    WHERE a.subscriber_tenant_id = in_tenant_id;
END
$$;
