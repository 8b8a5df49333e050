-- Limits that providers set: named policies, and where each of them counts.

-- One limit for each unit of time at most; null: none of that unit. A policy without any limits nothing.
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
    least(overdraft_per_second, overdraft_per_minute, overdraft_per_hour, overdraft_per_day, overdraft_per_month) >= 0)
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
CREATE INDEX api_groups_by_limit_policy ON api_groups (tenant_id)
  WHERE num_nonnulls(limit_policy_test, limit_policy_preview, limit_policy_online) > 0;
GRANT UPDATE (limit_policy_test, limit_policy_preview, limit_policy_online) ON api_groups TO latchkey_console;
GRANT SELECT (limit_policy_test, limit_policy_preview, limit_policy_online) ON api_groups TO latchkey_gateway;

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
