-- Who changed what, when and from where: the database writes it down itself, in the transaction that makes the change,
-- so that no use case, job or operator can forget to.
--
-- The events of a tenant form a chain: each carries the hash of the one before it. A transaction's events are written as
-- it commits, when the tenant's head row is the last that it locks; so a chain's order is that of the commits.

CREATE TABLE audit_heads (
  tenant_id text COLLATE "C" NOT NULL,
  -- Of the newest event; 0 and no bytes before the first.
  sequence bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT '',
  CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);
CALL isolate('audit_heads');
GRANT SELECT ON audit_heads TO latchkey_console;

CREATE TABLE audit_events (
  tenant_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  occurred_at timestamptz NOT NULL,
  -- What it was done to, and what: `subscriptionKey.created`.
  entity_kind text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  -- An `account`, an `operator` (the owner's login), or the `system`: a job, or somebody who is not signed in.
  actor_kind text COLLATE "C" NOT NULL,
  account_id text COLLATE "C",
  request_id text COLLATE "C",
  -- Of the particulars, which lie beside so that they can be erased; null where there are none.
  origin_digest bytea,
  change_digest bytea,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (tenant_id, sequence),
  CONSTRAINT audit_events_actor_kind_valid CHECK (actor_kind IN ('account', 'operator', 'system')),
  CONSTRAINT audit_events_hash_length CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_events_by_entity ON audit_events (tenant_id, entity_id, sequence DESC);
CREATE INDEX audit_events_by_account ON audit_events (tenant_id, account_id, sequence DESC) WHERE account_id IS NOT NULL;
CALL isolate('audit_events');
GRANT SELECT ON audit_events TO latchkey_console;

-- What may be personal: where the actor was (`origin`), and the row before and after (`change`). Erasing the content
-- leaves the event and the chain as they are.
CREATE TABLE audit_particulars (
  tenant_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  part text COLLATE "C" NOT NULL,
  -- Random, so that nobody finds a digest's content by guessing. Both are null once erased.
  salt bytea,
  content text,
  CONSTRAINT audit_particulars_pkey PRIMARY KEY (tenant_id, sequence, part),
  CONSTRAINT audit_particulars_event FOREIGN KEY (tenant_id, sequence) REFERENCES audit_events (tenant_id, sequence),
  CONSTRAINT audit_particulars_part_valid CHECK (part IN ('origin', 'change')),
  CONSTRAINT audit_particulars_erased_whole CHECK ((salt IS NULL) = (content IS NULL))
);
CALL isolate('audit_particulars');
GRANT SELECT ON audit_particulars TO latchkey_console;

-- The digest that an event keeps of a particular.
CREATE FUNCTION audit_digest(in_salt bytea, in_content text) RETURNS bytea
  LANGUAGE sql IMMUTABLE
  RETURN sha256(in_salt || convert_to(in_content, 'UTF8'));

-- What an event's hash is made of, one part a line; no part has a line's end in it. `latchkey audit verify` makes the same.
CREATE FUNCTION audit_hash(event audit_events) RETURNS bytea
  LANGUAGE sql IMMUTABLE
  RETURN sha256(convert_to(array_to_string(ARRAY[
    'latchkey audit 1', event.tenant_id, event.sequence::text,
    (extract(epoch FROM event.occurred_at) * 1000000)::bigint::text,
    event.entity_kind, event.entity_id, event.action, event.actor_kind, event.account_id, event.request_id,
    encode(event.origin_digest, 'hex'), encode(event.change_digest, 'hex'), encode(event.previous_hash, 'hex')
  ], E'\n', ''), 'UTF8'));

-- Appends an event to a tenant's chain. `change` is null for what has no row.
CREATE FUNCTION append_audit_event(
  in_tenant_id text, in_entity_kind text, in_entity_id text, in_action text, in_change jsonb
) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  event audit_events;
  address text := nullif(current_setting('latchkey.address', true), '');
  origin text := CASE WHEN address IS NOT NULL THEN jsonb_build_object('address', address)::text END;
  origin_salt bytea := uuid_send(gen_random_uuid());
  change_salt bytea := uuid_send(gen_random_uuid());
BEGIN
  event.tenant_id := in_tenant_id;
  event.occurred_at := clock_timestamp();
  event.entity_kind := in_entity_kind;
  event.entity_id := in_entity_id;
  event.action := in_action;
  event.account_id := nullif(current_setting('latchkey.account_id', true), '');
  event.request_id := nullif(current_setting('latchkey.request_id', true), '');
  event.actor_kind := CASE
    WHEN event.account_id IS NOT NULL THEN 'account'
    WHEN session_user IN ('latchkey_console', 'latchkey_gateway') THEN 'system'
    ELSE 'operator' END;
  event.origin_digest := audit_digest(origin_salt, origin);
  event.change_digest := audit_digest(change_salt, in_change::text);

  SELECT h.sequence + 1, h.hash INTO event.sequence, event.previous_hash
  FROM audit_heads h WHERE h.tenant_id = in_tenant_id FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_heads (tenant_id) VALUES (in_tenant_id)
    ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = excluded.tenant_id
    RETURNING audit_heads.sequence + 1, audit_heads.hash INTO event.sequence, event.previous_hash;
  END IF;
  event.hash := audit_hash(event);
  UPDATE audit_heads SET sequence = event.sequence, hash = event.hash WHERE tenant_id = in_tenant_id;

  INSERT INTO audit_events SELECT event.*;
  IF origin IS NOT NULL THEN
    INSERT INTO audit_particulars (tenant_id, sequence, part, salt, content)
    VALUES (in_tenant_id, event.sequence, 'origin', origin_salt, origin);
  END IF;
  IF in_change IS NOT NULL THEN
    INSERT INTO audit_particulars (tenant_id, sequence, part, salt, content)
    VALUES (in_tenant_id, event.sequence, 'change', change_salt, in_change::text);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION append_audit_event(text, text, text, text, jsonb) FROM PUBLIC;

-- Writes down a changed row: its columns, before and after; of an update those that differ. Arguments: the entity's
-- kind, the columns that hold tenant and entity, those that are secret, and those whose change is no event.
--
-- Whatever is bytes is a digest or sealed, and is told of no table. A change of nothing but secrets is an event without
-- particulars.
CREATE FUNCTION audit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  hidden text[] := TG_ARGV[3]::text[] || ARRAY(
    SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = TG_RELID AND a.atttypid = 'bytea'::regtype);
  old_row jsonb := to_jsonb(OLD) - TG_ARGV[4]::text[];
  new_row jsonb := to_jsonb(NEW) - TG_ARGV[4]::text[];
  entity jsonb := coalesce(new_row, old_row);
  action text := CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'updated' END;
  change jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, n.value), '{}')
    INTO old_row, new_row
    FROM jsonb_each(old_row) o
    JOIN jsonb_each(new_row) n ON n.key = o.key AND n.value IS DISTINCT FROM o.value;
    IF new_row = '{}' THEN RETURN NULL; END IF;
    action := CASE
      WHEN new_row ? 'deleted_at' THEN CASE WHEN new_row ->> 'deleted_at' IS NULL THEN 'restored' ELSE 'deleted' END
      WHEN new_row ? 'ended_at' THEN 'ended'
      ELSE action END;
  END IF;
  change := CASE TG_OP
    WHEN 'INSERT' THEN jsonb_build_object('after', new_row - hidden)
    WHEN 'DELETE' THEN jsonb_build_object('before', old_row - hidden)
    ELSE jsonb_build_object('before', old_row - hidden, 'after', new_row - hidden) END;
  PERFORM append_audit_event(
    entity ->> TG_ARGV[1], TG_ARGV[0], entity ->> TG_ARGV[2], TG_ARGV[0] || '.' || action, change);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION audit() FROM PUBLIC;

-- Has a table's changes written down, as the transaction commits.
CREATE PROCEDURE audit_changes(
  audited regclass, kind text, tenant_column name DEFAULT 'tenant_id', entity_column name DEFAULT 'id',
  secret text[] DEFAULT '{}', ignored text[] DEFAULT '{}'
)
  LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format(
    'CREATE CONSTRAINT TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %s DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION audit(%L, %L, %L, %L, %L)',
    audited, kind, tenant_column, entity_column, secret, ignored || '{updated_at}'::text[]);
END
$$;

CALL audit_changes('tenants', 'tenant', tenant_column => 'id');
CALL audit_changes('accounts', 'account', secret => '{password_hash}');
CALL audit_changes('subscription_keys', 'subscriptionKey');
CALL audit_changes('subscription_secrets', 'secret', ignored => '{last_used_at}');
CALL audit_changes('api_groups', 'apiGroup');
CALL audit_changes('apis', 'api');
CALL audit_changes('revisions', 'revision');
CALL audit_changes('deployments', 'deployment');
CALL audit_changes('authorizations', 'authorization');
CALL audit_changes('authorization_targets', 'authorizationTarget', entity_column => 'authorization_id');

-- A session is told of under its account, whose sign-in it is; one that expires or is pruned is nobody's doing.
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit('session', 'tenant_id', 'account_id', '{}', '{}');
CREATE CONSTRAINT TRIGGER audit_end AFTER DELETE ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (nullif(current_setting('latchkey.account_id', true), '') IS NOT NULL)
  EXECUTE FUNCTION audit('session', 'tenant_id', 'account_id', '{}', '{}');

-- Erases what the audit knows of a person: where an account was when it acted, and what its own row had.
CREATE FUNCTION erase_account_from_audit(in_tenant_id text, in_account_id text) RETURNS void
  LANGUAGE sql SET search_path = public, pg_temp
BEGIN ATOMIC
  UPDATE audit_particulars p SET salt = NULL, content = NULL
  FROM audit_events e
  WHERE e.tenant_id = in_tenant_id AND p.tenant_id = e.tenant_id AND p.sequence = e.sequence
    AND (p.part = 'origin' AND e.account_id = in_account_id
      OR p.part = 'change' AND e.entity_kind = 'account' AND e.entity_id = in_account_id);
END;
REVOKE ALL ON FUNCTION erase_account_from_audit(text, text) FROM PUBLIC;

-- An account that is deleted is erased, behind the event that tells of its deletion (triggers of one event fire in the
-- order of their names).
CREATE FUNCTION erase_deleted_account() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM erase_account_from_audit(OLD.tenant_id, OLD.id);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION erase_deleted_account() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER audit_erasure AFTER DELETE ON accounts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION erase_deleted_account();
