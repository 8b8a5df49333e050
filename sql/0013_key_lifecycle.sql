-- How a key and its secrets end: deleted and restored, expired, restricted to some providers; and when each was used last.

ALTER TABLE subscription_keys
  -- Its secrets are in wrong hands: it is never restored.
  ADD COLUMN compromised_at timestamptz,
  -- The slugs of the tenants whose authorizations count; null: any. A slug never changes and is never issued again.
  ADD COLUMN providers text[] COLLATE "C",
  ADD CONSTRAINT subscription_keys_providers_count CHECK (cardinality(providers) <= 100),
  ADD CONSTRAINT subscription_keys_compromised_deleted CHECK (compromised_at IS NULL OR deleted_at IS NOT NULL);
CREATE INDEX subscription_keys_deleted ON subscription_keys (tenant_id, created_at DESC, id DESC)
  WHERE deleted_at IS NOT NULL;
CREATE INDEX subscription_keys_by_deletion ON subscription_keys (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX subscription_keys_restricted ON subscription_keys (tenant_id, id) WHERE providers IS NOT NULL;
GRANT UPDATE (compromised_at, providers) ON subscription_keys TO latchkey_console;
GRANT SELECT (providers) ON subscription_keys TO latchkey_gateway;

ALTER TABLE subscription_secrets ADD COLUMN expires_at timestamptz;
GRANT UPDATE (expires_at) ON subscription_secrets TO latchkey_console;
GRANT SELECT (expires_at, last_used_at), UPDATE (last_used_at) ON subscription_secrets TO latchkey_gateway;
CREATE POLICY gateway_use ON subscription_secrets FOR UPDATE TO latchkey_gateway USING (true) WITH CHECK (true);

-- What gateways write themselves, they need not be told of.
DROP TRIGGER record_change ON subscription_secrets;
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OF digest, expires_at OR DELETE ON subscription_secrets
  FOR EACH ROW EXECUTE FUNCTION record_change('subscriptionKey', 'tenant_id', 'subscription_key_id');

-- Whether a key takes authorizations by the current tenant; no row for one that is not there.
CREATE FUNCTION subscription_takes_current_tenant(in_id text) RETURNS TABLE (takes boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT k.providers IS NULL
    OR EXISTS (SELECT FROM tenants t WHERE t.id = current_tenant() AND t.slug = ANY (k.providers))
  FROM subscription_keys k
  WHERE k.id = in_id AND k.deleted_at IS NULL;
END;
REVOKE ALL ON FUNCTION subscription_takes_current_tenant(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscription_takes_current_tenant(text) TO latchkey_console;

CREATE OR REPLACE VIEW authorized_subscriptions WITH (security_barrier) AS
  SELECT a.tenant_id, a.id AS authorization_id, k.id AS subscription_key_id, k.name AS subscription_key_name,
    t.name AS subscriber_name, t.slug AS subscriber_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR p.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state
  FROM authorizations a
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  JOIN tenants t ON t.id = a.subscriber_tenant_id
  JOIN tenants p ON p.id = a.tenant_id
  WHERE a.tenant_id = current_tenant();

CREATE OR REPLACE VIEW received_authorizations WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, x.group_id, g.name AS group_name, x.environment,
    t.name AS provider_name, t.slug AS provider_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR t.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  WHERE a.subscriber_tenant_id = current_tenant();

-- Really removes keys that were deleted 30 days ago, with their secrets and authorizations, up to a thousand at a time.
-- Returns how many there were.
CREATE FUNCTION prune_subscription_keys() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH gone AS (
    SELECT k.tenant_id, k.id
    FROM subscription_keys k
    WHERE k.deleted_at < now() - interval '30 days'
    ORDER BY k.deleted_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
  ), unauthorized AS (
    DELETE FROM authorizations a
    USING gone
    WHERE a.subscriber_tenant_id = gone.tenant_id AND a.subscription_key_id = gone.id
  ), removed AS (
    DELETE FROM subscription_keys k
    USING gone
    WHERE k.tenant_id = gone.tenant_id AND k.id = gone.id
    RETURNING 1
  )
  SELECT count(*) FROM removed;
END;
REVOKE ALL ON FUNCTION prune_subscription_keys() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_subscription_keys() TO latchkey_console;
