-- What the console's first page looks for, and where a caller finds what its keys are authorized for.

-- Since when the key has had a second secret; null while it has one. Nothing that gateways go by, and no event.
ALTER TABLE subscription_keys ADD COLUMN rotated_at timestamptz;
ALTER TABLE subscription_keys DISABLE TRIGGER USER;
UPDATE subscription_keys k
SET rotated_at = s.newest
FROM (
  SELECT tenant_id, subscription_key_id, max(created_at) AS newest
  FROM subscription_secrets
  GROUP BY tenant_id, subscription_key_id
  HAVING count(*) > 1) s
WHERE k.tenant_id = s.tenant_id AND k.id = s.subscription_key_id;
ALTER TABLE subscription_keys ENABLE TRIGGER USER;
DROP TRIGGER audit ON subscription_keys;
CALL audit_changes('subscription_keys', 'subscriptionKey', ignored => '{search_text,rotated_at}');
GRANT UPDATE (rotated_at) ON subscription_keys TO latchkey_console;
CREATE INDEX subscription_keys_rotated ON subscription_keys (tenant_id, rotated_at DESC, id DESC)
  WHERE rotated_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX subscription_keys_expiring ON subscription_keys (tenant_id, expires_at, id)
  WHERE expires_at IS NOT NULL AND state = 'active' AND deleted_at IS NULL;

-- A target's address is made of the provider's slug, the environment and the prefix; that it is live is public.
CREATE OR REPLACE VIEW received_authorizations WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, x.group_id, g.name AS group_name, x.environment,
    t.name AS provider_name, t.slug AS provider_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR t.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state,
    g.prefix AS group_prefix,
    EXISTS (
      SELECT FROM deployments d
      WHERE d.tenant_id = x.tenant_id AND d.group_id = x.group_id AND d.environment = x.environment
        AND d.ended_at IS NULL) AS is_live
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  WHERE a.subscriber_tenant_id = current_tenant();
