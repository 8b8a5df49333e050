-- What the lists of authorizations are filtered by.

-- When the authorization was made, by which those of a group or an environment are in order.
ALTER TABLE authorization_targets ADD COLUMN authorized_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION date_target() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.authorized_at := coalesce((
    SELECT a.created_at FROM authorizations a WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.authorization_id),
    NEW.authorized_at);
  RETURN NEW;
END $$;
-- Nothing that gateways go by, and no event.
ALTER TABLE authorization_targets DISABLE TRIGGER USER;
UPDATE authorization_targets x
SET authorized_at = a.created_at
FROM authorizations a
WHERE a.tenant_id = x.tenant_id AND a.id = x.authorization_id;
ALTER TABLE authorization_targets ENABLE TRIGGER USER;
-- Also for consoles that do not know the column yet.
CREATE TRIGGER date_target BEFORE INSERT ON authorization_targets FOR EACH ROW EXECUTE FUNCTION date_target();
DROP TRIGGER audit ON authorization_targets;
CALL audit_changes(
  'authorization_targets', 'authorizationTarget', entity_column => 'authorization_id', ignored => '{authorized_at}');
CREATE INDEX authorization_targets_by_group
  ON authorization_targets (tenant_id, group_id, environment, authorized_at DESC, authorization_id DESC);
CREATE INDEX authorization_targets_by_environment
  ON authorization_targets (tenant_id, environment, authorized_at DESC, authorization_id DESC);
CREATE INDEX authorizations_of_key ON authorizations (tenant_id, subscription_key_id, created_at DESC, id DESC);
CREATE INDEX authorizations_expiring ON authorizations (tenant_id, created_at DESC, id DESC, expires_at)
  WHERE expires_at IS NOT NULL;

-- The authorizations of the current tenant that do not count because of whom their keys are restricted to.
CREATE VIEW withdrawn_authorizations WITH (security_barrier) AS
  SELECT a.tenant_id, a.id AS authorization_id
  FROM authorizations a
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  JOIN tenants p ON p.id = a.tenant_id
  WHERE a.tenant_id = current_tenant() AND k.providers IS NOT NULL AND p.slug <> ALL (k.providers);
GRANT SELECT ON withdrawn_authorizations TO latchkey_console;

-- The authorizations that the current tenant's keys were given, without their targets; in order, since behind the barrier
-- nothing is known of the order that they are wanted in.
CREATE VIEW received_grants WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, t.name AS provider_name, t.slug AS provider_slug,
    CASE WHEN a.expires_at <= now() THEN 'expired'
      WHEN k.providers IS NULL OR t.slug = ANY (k.providers) THEN 'active'
      ELSE 'withdrawn' END AS state
  FROM authorizations a
  JOIN tenants t ON t.id = a.tenant_id
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  WHERE a.subscriber_tenant_id = current_tenant()
  ORDER BY a.created_at DESC, a.id DESC;
GRANT SELECT ON received_grants TO latchkey_console;
