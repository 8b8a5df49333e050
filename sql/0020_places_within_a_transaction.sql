-- A transaction of many changes finds a tenant's head of the audit and its usage where it left them. By their key, each
-- change went through the versions that all changes before it had left behind: time by the square of their number.
--
-- Where a row is stands in a setting of the transaction. Whoever sets it otherwise gains nothing: only a row of this tenant
-- is taken from there, and else it is looked for by its key.

CREATE OR REPLACE FUNCTION append_audit_event(
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
  place tid := nullif(current_setting('latchkey.audit_head_place', true), '')::tid;
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

  IF place IS NOT NULL THEN
    SELECT h.sequence + 1, h.hash INTO event.sequence, event.previous_hash
    FROM audit_heads h WHERE h.ctid = place AND h.tenant_id = in_tenant_id FOR UPDATE;
  END IF;
  IF event.sequence IS NULL THEN
    place := NULL;
    SELECT h.sequence + 1, h.hash INTO event.sequence, event.previous_hash
    FROM audit_heads h WHERE h.tenant_id = in_tenant_id FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO audit_heads (tenant_id) VALUES (in_tenant_id)
      ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = excluded.tenant_id
      RETURNING audit_heads.sequence + 1, audit_heads.hash INTO event.sequence, event.previous_hash;
    END IF;
  END IF;
  event.hash := audit_hash(event);
  IF place IS NOT NULL THEN
    UPDATE audit_heads h SET sequence = event.sequence, hash = event.hash
    WHERE h.ctid = place AND h.tenant_id = in_tenant_id RETURNING h.ctid INTO STRICT place;
  ELSE
    UPDATE audit_heads h SET sequence = event.sequence, hash = event.hash
    WHERE h.tenant_id = in_tenant_id RETURNING h.ctid INTO STRICT place;
  END IF;
  PERFORM set_config('latchkey.audit_head_place', place::text, true);

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

CREATE OR REPLACE FUNCTION count_against_quota() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  old_row jsonb := to_jsonb(OLD);
  new_row jsonb := to_jsonb(NEW);
  tenant text := coalesce(new_row, old_row) ->> 'tenant_id';
  change integer := (new_row IS NOT NULL AND new_row ->> 'deleted_at' IS NULL)::integer
    - (old_row IS NOT NULL AND old_row ->> 'deleted_at' IS NULL)::integer;
  counting text :=
    'UPDATE tenant_usage u SET %1$I = u.%1$I + $1 FROM tenant_quotas q
     WHERE %2$s u.tenant_id = $2 AND q.tenant_id = u.tenant_id
     RETURNING u.ctid, $1 > 0 AND u.%1$I > q.%1$I';
  place tid := nullif(current_setting('latchkey.usage_place', true), '')::tid;
  found_place tid;
  is_over boolean;
BEGIN
  IF change = 0 THEN RETURN NULL; END IF;
  IF place IS NOT NULL THEN
    EXECUTE format(counting, TG_ARGV[0], 'u.ctid = $3 AND') INTO found_place, is_over USING change, tenant, place;
  END IF;
  IF found_place IS NULL THEN
    EXECUTE format(counting, TG_ARGV[0], '') INTO found_place, is_over USING change, tenant;
  END IF;
  PERFORM set_config('latchkey.usage_place', coalesce(found_place::text, ''), true);
  IF is_over THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_quota', TABLE = TG_TABLE_NAME,
      MESSAGE = 'the tenant has as many ' || TG_ARGV[0] || ' as it may have';
  END IF;
  RETURN NULL;
END
$$;
