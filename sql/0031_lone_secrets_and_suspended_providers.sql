-- A key that got a secret in place of one that had expired has one, and is not being rotated.
ALTER TABLE subscription_keys DISABLE TRIGGER USER;
UPDATE subscription_keys k
SET rotated_at = NULL
WHERE k.rotated_at IS NOT NULL AND (
  SELECT count(*) FROM subscription_secrets s
  WHERE s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id) < 2;
ALTER TABLE subscription_keys ENABLE TRIGGER USER;

-- Nothing of a suspended tenant is live.
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
        AND d.ended_at IS NULL) AS is_live
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  WHERE a.subscriber_tenant_id = current_tenant();
