-- Limits that providers set: named policies, and where each of them counts.

-- At most one limit for each period; null: none for that one.
CREATE TABLE limit_policies (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED,
  description text,
  -- `observe` counts and refuses nothing.
  mode text NOT NULL DEFAULT 'enforce',
  per_second bigint,
  per_minute bigint,
  per_hour bigint,
  per_day bigint,
  per_month bigint,
  -- How many more a gateway may let through in a window while it cannot reach the database.
  overdraft_per_second bigint NOT NULL DEFAULT 0,
  overdraft_per_minute bigint NOT NULL DEFAULT 0,
  overdraft_per_hour bigint NOT NULL DEFAULT 0,
  overdraft_per_day bigint NOT NULL DEFAULT 0,
  overdraft_per_month bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT limit_policies_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT limit_policies_id_unique UNIQUE (id),
  CONSTRAINT limit_policies_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT limit_policies_mode_valid CHECK (mode IN ('enforce', 'observe')),
  CONSTRAINT limit_policies_limits_valid CHECK (
    num_nonnulls(per_second, per_minute, per_hour, per_day, per_month) > 0
    AND least(per_second, per_minute, per_hour, per_day, per_month) > 0
    AND greatest(per_second, per_minute, per_hour, per_day, per_month) <= 1000000000000),
  CONSTRAINT limit_policies_overdrafts_valid CHECK (
    least(overdraft_per_second, overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month) >= 0
    AND greatest(overdraft_per_second, overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month)
      <= 1000000000000)
);
CREATE INDEX limit_policies_newest ON limit_policies (tenant_id, created_at DESC, id DESC);
CREATE INDEX limit_policies_by_name ON limit_policies (tenant_id, sort_name, id);
CALL isolate('limit_policies');
GRANT SELECT, DELETE,
  INSERT (tenant_id, id, name, description, mode, per_second, per_minute, per_hour, per_day, per_month,
    overdraft_per_second, overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month),
  UPDATE (name, description, mode, per_second, per_minute, per_hour, per_day, per_month, overdraft_per_second,
    overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month, updated_at)
  ON limit_policies TO latchkey_console;
CREATE POLICY gateway ON limit_policies FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, mode, per_second, per_minute, per_hour, per_day, per_month, overdraft_per_second,
  overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month)
  ON limit_policies TO latchkey_gateway;
CALL audit_changes('limit_policies', 'limitPolicy', ignored => '{sort_name}');

-- For each key and target of an authorization by itself.
ALTER TABLE authorizations
  ADD COLUMN limit_policy_id text COLLATE "C",
  ADD CONSTRAINT authorizations_limit_policy FOREIGN KEY (tenant_id, limit_policy_id)
    REFERENCES limit_policies (tenant_id, id);
CREATE INDEX authorizations_by_limit_policy ON authorizations (tenant_id, limit_policy_id, created_at DESC, id DESC)
  WHERE limit_policy_id IS NOT NULL;
GRANT INSERT (limit_policy_id), UPDATE (limit_policy_id) ON authorizations TO latchkey_console;
GRANT SELECT (limit_policy_id) ON authorizations TO latchkey_gateway;

-- For all callers of a group in an environment together.
ALTER TABLE api_groups
  ADD COLUMN limit_policy_test text COLLATE "C",
  ADD COLUMN limit_policy_preview text COLLATE "C",
  ADD COLUMN limit_policy_online text COLLATE "C",
  ADD CONSTRAINT api_groups_limit_policy_test FOREIGN KEY (tenant_id, limit_policy_test)
    REFERENCES limit_policies (tenant_id, id),
  ADD CONSTRAINT api_groups_limit_policy_preview FOREIGN KEY (tenant_id, limit_policy_preview)
    REFERENCES limit_policies (tenant_id, id),
  ADD CONSTRAINT api_groups_limit_policy_online FOREIGN KEY (tenant_id, limit_policy_online)
    REFERENCES limit_policies (tenant_id, id);
GRANT UPDATE (limit_policy_test, limit_policy_preview, limit_policy_online) ON api_groups TO latchkey_console;
GRANT SELECT (limit_policy_test, limit_policy_preview, limit_policy_online) ON api_groups TO latchkey_gateway;

-- What callers are told of the limits that they are under: no policy's id or name, which are its provider's.
CREATE OR REPLACE VIEW received_grants WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, t.name AS provider_name, t.slug AS provider_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR t.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state,
    l.mode AS limit_mode, l.per_second, l.per_minute, l.per_hour, l.per_day, l.per_month
  FROM authorizations a
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  LEFT JOIN limit_policies l ON l.tenant_id = a.tenant_id AND l.id = a.limit_policy_id
  WHERE a.subscriber_tenant_id = current_tenant()
  ORDER BY a.created_at DESC, a.id DESC;
CREATE OR REPLACE VIEW received_authorizations WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, x.group_id, g.name AS group_name, x.environment,
    t.name AS provider_name, t.slug AS provider_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR t.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state,
    g.prefix AS group_prefix,
    t.state = 'active' AND EXISTS (
      SELECT FROM deployments d
      WHERE d.tenant_id = x.tenant_id AND d.group_id = x.group_id AND d.environment = x.environment
        AND d.ended_at IS NULL) AS is_live,
    l.mode AS limit_mode, l.per_second, l.per_minute, l.per_hour, l.per_day, l.per_month
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  LEFT JOIN limit_policies l ON l.tenant_id = g.tenant_id
    AND l.id = CASE x.environment WHEN 'test' THEN g.limit_policy_test WHEN 'preview' THEN g.limit_policy_preview
      WHEN 'online' THEN g.limit_policy_online END
  WHERE a.subscriber_tenant_id = current_tenant();

-- What an export tells of a policy to those whom it limits.
CREATE FUNCTION limits_told(policy limit_policies) RETURNS jsonb
  LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'mode', policy.mode, 'per_second', policy.per_second, 'per_minute', policy.per_minute, 'per_hour', policy.per_hour,
    'per_day', policy.per_day, 'per_month', policy.per_month))
  WHERE policy.id IS NOT NULL;
END;
REVOKE ALL ON FUNCTION limits_told(limit_policies) FROM PUBLIC;
-- As before, but for the limits of what others authorized its keys for.
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
      'environment', x.environment, 'expires_at', a.expires_at, 'created_at', a.created_at,
      'limits', limits_told(own), 'shared_limits', limits_told(shared))::text
    FROM authorizations a
    JOIN tenants t ON t.id = a.tenant_id
    JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
    JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
    LEFT JOIN limit_policies own ON own.tenant_id = a.tenant_id AND own.id = a.limit_policy_id
    LEFT JOIN limit_policies shared ON shared.tenant_id = g.tenant_id
      AND shared.id = CASE x.environment WHEN 'test' THEN g.limit_policy_test
        WHEN 'preview' THEN g.limit_policy_preview WHEN 'online' THEN g.limit_policy_online END
    WHERE a.subscriber_tenant_id = in_tenant_id;
END
$$;

-- Gateways hear of a policy that changes; what it is for is a change of the authorization or the group.
ALTER TABLE changes
  DROP CONSTRAINT changes_kind_valid,
  ADD CONSTRAINT changes_kind_valid CHECK (
    kind IN ('tenant', 'subscriptionKey', 'group', 'authorization', 'domain', 'limitPolicy'));
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON limit_policies
  FOR EACH ROW EXECUTE FUNCTION record_change('limitPolicy', 'tenant_id', 'id');

ALTER TABLE tenant_quotas
  ADD COLUMN limit_policies integer NOT NULL DEFAULT 1000,
  DROP CONSTRAINT tenant_quotas_valid,
  ADD CONSTRAINT tenant_quotas_valid CHECK (
    least(
      subscription_keys, api_groups, apis, authorizations, domains, live_apis, live_bytes, authorization_targets,
      revision_apis, deployments, accounts, access_tokens, limit_policies) >= 0);
ALTER TABLE tenant_usage ADD COLUMN limit_policies integer NOT NULL DEFAULT 0;
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON limit_policies
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('limit_policies');
