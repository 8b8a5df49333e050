-- Where somebody acted who is no more when the transaction commits is told by no event: not by those of what goes with their
-- account, which are written behind its erasure, nor by those of their last calls that end after it.

CREATE OR REPLACE FUNCTION append_audit_event(
  in_tenant_id text, in_entity_kind text, in_entity_id text, in_action text, in_change jsonb
) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  event audit_events;
  address text := nullif(current_setting('latchkey.address', true), '');
  origin text;
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
  -- Behind the lock: whoever erases the account holds it, or comes later and erases this.
  IF address IS NOT NULL AND (event.account_id IS NULL OR EXISTS (
    SELECT FROM accounts a WHERE a.tenant_id = current_tenant() AND a.id = event.account_id))
  THEN
    origin := jsonb_build_object('address', address)::text;
  END IF;
  event.origin_digest := audit_digest(origin_salt, origin);
  event.change_digest := audit_digest(change_salt, in_change::text);
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

-- What was written down of people who had gone already.
UPDATE audit_particulars p
SET salt = NULL, content = NULL
FROM audit_events e
WHERE p.tenant_id = e.tenant_id AND p.sequence = e.sequence AND p.part = 'origin' AND p.content IS NOT NULL
  AND e.account_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM accounts a WHERE a.tenant_id = e.tenant_id AND a.id = e.account_id);
