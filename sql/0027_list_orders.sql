-- Lists in the order of names, so that a page of one costs what is on it.

-- What a list of names is in the order of: lower case as Unicode has it, then scalar by scalar. A locale's own order would
-- be another after each upgrade of the library that knows it, and an index of it wrong until it is made anew.
ALTER TABLE subscription_keys ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE api_groups ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE accounts ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE access_tokens ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;

DROP TRIGGER audit ON subscription_keys;
DROP TRIGGER audit ON api_groups;
DROP TRIGGER audit ON accounts;
DROP TRIGGER audit ON access_tokens;
CALL audit_changes('subscription_keys', 'subscriptionKey', ignored => '{search_text,rotated_at,sort_name}');
CALL audit_changes('api_groups', 'apiGroup', ignored => '{sort_name}');
CALL audit_changes('accounts', 'account', secret => '{password_hash}', ignored => '{sort_name}');
CALL audit_changes('access_tokens', 'accessToken', ignored => '{last_used_at,sort_name}');

CREATE INDEX subscription_keys_by_name ON subscription_keys (tenant_id, sort_name, id) WHERE deleted_at IS NULL;
CREATE INDEX subscription_keys_by_state_and_name ON subscription_keys (tenant_id, state, sort_name, id)
  WHERE deleted_at IS NULL;
CREATE INDEX subscription_keys_deleted_by_name ON subscription_keys (tenant_id, sort_name, id)
  WHERE deleted_at IS NOT NULL;
CREATE INDEX api_groups_by_name ON api_groups (tenant_id, sort_name, id);
CREATE INDEX apis_by_path ON apis (tenant_id, group_id, path, id);
CREATE INDEX accounts_by_name ON accounts (tenant_id, sort_name, id);
CREATE INDEX access_tokens_by_name ON access_tokens (tenant_id, sort_name, id);
CREATE INDEX access_tokens_by_account_and_name ON access_tokens (tenant_id, account_id, sort_name, id);
CREATE INDEX domains_by_host ON domains (tenant_id, host, id);

-- An export has what the tenant gave, not what the database makes of it.
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
      AND a.attname = 'tenant_id' AND c.relname NOT IN ('changes', 'sessions', 'subscription_searches')
    ORDER BY c.relname
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, (to_jsonb(t) - $2)::text FROM %I t WHERE t.tenant_id = $1', owned.relname, owned.relname)
    USING in_tenant_id, owned.hidden;
  END LOOP;
END
$$;
