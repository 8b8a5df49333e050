-- How much a tenant may have, so that none fills every node's memory; and how one is deleted.

-- The state `deleted` is that of a slug which is never issued again: nothing else of the tenant is left.
ALTER TABLE tenants
  DROP CONSTRAINT tenants_state_valid,
  ADD CONSTRAINT tenants_state_valid CHECK (state IN ('active', 'suspended', 'deleted')),
  -- Since when the tenant waits to be purged; suspended meanwhile.
  ADD COLUMN deletion_requested_at timestamptz,
  ADD CONSTRAINT tenants_deletion_suspends CHECK (deletion_requested_at IS NULL OR state <> 'active');

CREATE TABLE tenant_quotas (
  tenant_id text COLLATE "C" NOT NULL,
  subscription_keys integer NOT NULL DEFAULT 10000,
  api_groups integer NOT NULL DEFAULT 1000,
  apis integer NOT NULL DEFAULT 20000,
  authorizations integer NOT NULL DEFAULT 20000,
  CONSTRAINT tenant_quotas_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenant_quotas_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT tenant_quotas_valid CHECK (least(subscription_keys, api_groups, apis, authorizations) >= 0)
);
CALL isolate('tenant_quotas');
GRANT SELECT ON tenant_quotas TO latchkey_console;
-- The defaults are nobody's doing.
CREATE CONSTRAINT TRIGGER audit AFTER UPDATE ON tenant_quotas DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit('tenantQuotas', 'tenant_id', 'tenant_id', '{}', '{}');

-- What a tenant has of each. Kept as transactions commit, behind the audit's lock on the tenant's head: that is what
-- makes a quota hold however many create at once, and locks nothing more.
CREATE TABLE tenant_usage (
  tenant_id text COLLATE "C" NOT NULL,
  subscription_keys integer NOT NULL DEFAULT 0,
  api_groups integer NOT NULL DEFAULT 0,
  apis integer NOT NULL DEFAULT 0,
  authorizations integer NOT NULL DEFAULT 0,
  CONSTRAINT tenant_usage_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenant_usage_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) WITH (fillfactor = 50);
CALL isolate('tenant_usage');
GRANT SELECT ON tenant_usage TO latchkey_console;

INSERT INTO tenant_quotas (tenant_id) SELECT id FROM tenants;
INSERT INTO tenant_usage (tenant_id, subscription_keys, api_groups, apis, authorizations)
SELECT t.id,
  (SELECT count(*) FROM subscription_keys k WHERE k.tenant_id = t.id AND k.deleted_at IS NULL),
  (SELECT count(*) FROM api_groups g WHERE g.tenant_id = t.id),
  (SELECT count(*) FROM apis a WHERE a.tenant_id = t.id),
  (SELECT count(*) FROM authorizations a WHERE a.tenant_id = t.id)
FROM tenants t;

-- A new tenant has the default quotas and nothing yet.
CREATE FUNCTION give_quotas() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO tenant_quotas (tenant_id) VALUES (NEW.id);
  INSERT INTO tenant_usage (tenant_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION give_quotas() FROM PUBLIC;
CREATE TRIGGER quotas AFTER INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION give_quotas();

-- Counts a row that came or went. Argument: the column that counts its table. Rows of subscription keys go when they are
-- deleted, not when they are removed.
CREATE FUNCTION count_against_quota() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  old_row jsonb := to_jsonb(OLD);
  new_row jsonb := to_jsonb(NEW);
  change integer := (new_row IS NOT NULL AND new_row ->> 'deleted_at' IS NULL)::integer
    - (old_row IS NOT NULL AND old_row ->> 'deleted_at' IS NULL)::integer;
  is_over boolean;
BEGIN
  IF change = 0 THEN RETURN NULL; END IF;
  EXECUTE format(
    'UPDATE tenant_usage u SET %1$I = u.%1$I + $1 FROM tenant_quotas q
     WHERE u.tenant_id = $2 AND q.tenant_id = u.tenant_id
     RETURNING $1 > 0 AND u.%1$I > q.%1$I', TG_ARGV[0])
  INTO is_over
  USING change, coalesce(new_row, old_row) ->> 'tenant_id';
  IF is_over THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_quota', TABLE = TG_TABLE_NAME,
      MESSAGE = 'the tenant has as many ' || TG_ARGV[0] || ' as it may have';
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION count_against_quota() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR UPDATE OF deleted_at OR DELETE ON subscription_keys
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('subscription_keys');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON api_groups
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('api_groups');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON apis
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('apis');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON authorizations
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('authorizations');

-- Removes all of a tenant, its audit included, but for its slug; what others had authorized its keys for goes with the
-- keys, in their own audit too. By the catalogue, so that no table is forgotten.
CREATE FUNCTION purge_tenant(in_tenant_id text) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  remaining text[];
  emptied text[];
  owned text;
BEGIN
  DELETE FROM authorizations WHERE subscriber_tenant_id = in_tenant_id;
  remaining := ARRAY(
    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'tenant_id' AND c.relname NOT IN ('changes', 'tenant_usage', 'tenant_quotas')
      AND c.relname NOT LIKE 'audit\_%');
  -- Tables refer to each other: whichever can be emptied goes first.
  WHILE remaining <> '{}' LOOP
    emptied := '{}';
    FOREACH owned IN ARRAY remaining LOOP
      BEGIN
        EXECUTE format('DELETE FROM %I WHERE tenant_id = $1', owned) USING in_tenant_id;
        emptied := emptied || owned;
      EXCEPTION WHEN foreign_key_violation THEN NULL;
      END;
    END LOOP;
    IF emptied = '{}' THEN RAISE EXCEPTION 'these tables cannot be emptied: %', remaining; END IF;
    remaining := ARRAY(SELECT unnest(remaining) EXCEPT SELECT unnest(emptied));
  END LOOP;
  UPDATE tenants SET state = 'deleted', name = slug, deletion_requested_at = NULL, updated_at = now()
  WHERE id = in_tenant_id;
  -- What this very transaction has to say of it is written before it is removed.
  SET CONSTRAINTS ALL IMMEDIATE;
  DELETE FROM audit_particulars WHERE tenant_id = in_tenant_id;
  DELETE FROM audit_events WHERE tenant_id = in_tenant_id;
  DELETE FROM audit_heads WHERE tenant_id = in_tenant_id;
  DELETE FROM tenant_usage WHERE tenant_id = in_tenant_id;
  DELETE FROM tenant_quotas WHERE tenant_id = in_tenant_id;
  SET CONSTRAINTS ALL IMMEDIATE;
  DELETE FROM audit_particulars WHERE tenant_id = in_tenant_id;
  DELETE FROM audit_events WHERE tenant_id = in_tenant_id;
  DELETE FROM audit_heads WHERE tenant_id = in_tenant_id;
  PERFORM append_audit_event('installation', 'tenant', in_tenant_id, 'tenant.purged', NULL);
END
$$;
REVOKE ALL ON FUNCTION purge_tenant(text) FROM PUBLIC;

-- Purges the tenants whose deletion was requested 30 days ago. Returns how many there were.
CREATE FUNCTION purge_tenants() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  due text;
  purged bigint := 0;
BEGIN
  FOR due IN
    SELECT id FROM tenants WHERE deletion_requested_at < now() - interval '30 days' FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM purge_tenant(due);
    purged := purged + 1;
  END LOOP;
  RETURN purged;
END
$$;
REVOKE ALL ON FUNCTION purge_tenants() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION purge_tenants() TO latchkey_console;

-- All rows of a tenant as JSON, table by table, less what is secret: whatever is bytes, and password hashes.
CREATE FUNCTION export_tenant(in_tenant_id text) RETURNS TABLE (relation text, content text)
  LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
  owned record;
BEGIN
  RETURN QUERY SELECT 'tenants', to_jsonb(t)::text FROM tenants t WHERE t.id = in_tenant_id;
  FOR owned IN
    SELECT c.relname, ARRAY(
      SELECT h.attname::text FROM pg_attribute h
      WHERE h.attrelid = c.oid AND (h.atttypid = 'bytea'::regtype OR h.attname = 'password_hash')) AS hidden
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'tenant_id' AND c.relname NOT IN ('changes', 'sessions', 'subscription_searches')
    ORDER BY c.relname
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, (to_jsonb(t) - $2)::text FROM %I t WHERE t.tenant_id = $1', owned.relname, owned.relname)
    USING in_tenant_id, owned.hidden;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION export_tenant(text) FROM PUBLIC;
