-- What a caller's overview finds its offline targets by.

-- Whose key it is, as the authorization says; by it a tenant's targets are found that others gave to its keys.
ALTER TABLE authorization_targets ADD COLUMN subscriber_tenant_id text COLLATE "C";
CREATE OR REPLACE FUNCTION date_target() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  SELECT a.created_at, a.subscriber_tenant_id
  INTO NEW.authorized_at, NEW.subscriber_tenant_id
  FROM authorizations a WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.authorization_id;
  NEW.authorized_at := coalesce(NEW.authorized_at, now());
  RETURN NEW;
END $$;
-- Nothing that gateways go by, and no event.
ALTER TABLE authorization_targets DISABLE TRIGGER USER;
UPDATE authorization_targets x
SET subscriber_tenant_id = a.subscriber_tenant_id
FROM authorizations a
WHERE a.tenant_id = x.tenant_id AND a.id = x.authorization_id;
ALTER TABLE authorization_targets ENABLE TRIGGER USER;
ALTER TABLE authorization_targets ALTER COLUMN subscriber_tenant_id SET NOT NULL;
DROP TRIGGER audit ON authorization_targets;
CALL audit_changes(
  'authorization_targets', 'authorizationTarget', entity_column => 'authorization_id',
  ignored => '{authorized_at,subscriber_tenant_id}');
CREATE INDEX authorization_targets_received
  ON authorization_targets (subscriber_tenant_id, group_id, environment, authorized_at DESC, authorization_id DESC)
  WHERE subscriber_tenant_id <> tenant_id;

-- The targets that other tenants gave to the current one's keys: no more than the view of its authorizations shows, but in
-- the order of the targets, so that each is found once however many keys have it.
CREATE VIEW received_targets WITH (security_barrier) AS
  SELECT x.subscriber_tenant_id AS tenant_id, x.group_id, x.environment, x.subscription_key_id, x.authorization_id,
    x.authorized_at,
    (SELECT t.state = 'active' FROM tenants t WHERE t.id = x.tenant_id) AND (
      SELECT d.id FROM deployments d
      WHERE d.tenant_id = x.tenant_id AND d.group_id = x.group_id AND d.environment = x.environment
        AND d.ended_at IS NULL
      LIMIT 1) IS NOT NULL AS is_live
  FROM authorization_targets x
  WHERE x.subscriber_tenant_id = current_tenant() AND x.subscriber_tenant_id <> x.tenant_id
  ORDER BY x.group_id, x.environment, x.authorized_at DESC, x.authorization_id DESC;
GRANT SELECT ON received_targets TO latchkey_console;
