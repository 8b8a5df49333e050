-- What changed of all that gateways decide by. A node's position is the pg_snapshot of its last read; what it has not
-- seen is every row whose transaction was not visible in that snapshot, in whatever order transactions commit.

CREATE TABLE changes (
  id bigint GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT now(),
  -- What has to be read again: a `tenant`, a `subscriptionKey` (with its secrets), a `group` (with what is live of it)
  -- or what a key is authorized for: an `authorization` names the key, for its own row may be gone.
  kind text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  CONSTRAINT changes_pkey PRIMARY KEY (id),
  CONSTRAINT changes_kind_valid CHECK (kind IN ('tenant', 'subscriptionKey', 'group', 'authorization'))
);
CREATE INDEX changes_by_transaction ON changes (transaction_id);
CREATE INDEX changes_by_time ON changes (at);
ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON changes TO latchkey_owner USING (true) WITH CHECK (true);
CREATE POLICY gateway ON changes FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT ON changes TO latchkey_gateway;

-- Changes of transactions below this one were pruned: a position that begins before it must read everything again.
CREATE TABLE change_horizon (
  singleton boolean NOT NULL DEFAULT true,
  transaction_id xid8 NOT NULL,
  CONSTRAINT change_horizon_pkey PRIMARY KEY (singleton),
  CONSTRAINT change_horizon_singleton CHECK (singleton)
);
INSERT INTO change_horizon (transaction_id) VALUES (pg_current_xact_id());
ALTER TABLE change_horizon ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_horizon FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON change_horizon TO latchkey_owner USING (true) WITH CHECK (true);
CREATE POLICY gateway ON change_horizon FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT ON change_horizon TO latchkey_gateway;

-- Forgets changes older than an hour, and moves the horizon in the same transaction. Returns how many there were.
CREATE FUNCTION prune_changes() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (
    DELETE FROM changes WHERE at < now() - interval '1 hour' RETURNING transaction_id
  ), moved AS (
    UPDATE change_horizon
    SET transaction_id = greatest(transaction_id, (SELECT max(p.transaction_id) FROM pruned p))
    WHERE EXISTS (SELECT FROM pruned)
  )
  SELECT count(*) FROM pruned;
END;
REVOKE ALL ON FUNCTION prune_changes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_changes() TO latchkey_console;

-- Records which entity a changed row belongs to. Arguments: the kind, and the columns that hold tenant and entity.
CREATE FUNCTION record_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
BEGIN
  INSERT INTO changes (kind, tenant_id, entity_id)
  VALUES (TG_ARGV[0], changed ->> TG_ARGV[1], changed ->> TG_ARGV[2]);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record_change() FROM PUBLIC;

CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON tenants
  FOR EACH ROW EXECUTE FUNCTION record_change('tenant', 'id', 'id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON subscription_keys
  FOR EACH ROW EXECUTE FUNCTION record_change('subscriptionKey', 'tenant_id', 'id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OF digest OR DELETE ON subscription_secrets
  FOR EACH ROW EXECUTE FUNCTION record_change('subscriptionKey', 'tenant_id', 'subscription_key_id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON api_groups
  FOR EACH ROW EXECUTE FUNCTION record_change('group', 'tenant_id', 'id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON deployments
  FOR EACH ROW EXECUTE FUNCTION record_change('group', 'tenant_id', 'group_id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON authorizations
  FOR EACH ROW EXECUTE FUNCTION record_change('authorization', 'tenant_id', 'subscription_key_id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON authorization_targets
  FOR EACH ROW EXECUTE FUNCTION record_change('authorization', 'tenant_id', 'subscription_key_id');
