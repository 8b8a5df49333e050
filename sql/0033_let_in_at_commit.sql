-- A change is made only if whoever asked for it is let in still as it is committed: by the same session or access token, of
-- an active account in an active tenant, and with no lesser role than the one that was judged by. A request may take long
-- after it was let in: its body may come slowly, and it waits for others' locks.
--
-- It is looked at when the transaction's first event is written, under the tenant's head of the audit. What lets nobody in
-- any more writes an event too, and so holds that head until it is committed: of the two one is first, and nothing is done
-- by what had ended. A transaction that is nobody's who is signed in has no such settings: it is refused where the tenant is
-- deleted for good.

CREATE FUNCTION require_actor_let_in() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  tenant text := nullif(current_setting('latchkey.tenant_id', true), '');
  account text := nullif(current_setting('latchkey.account_id', true), '');
  credential text := nullif(current_setting('latchkey.credential', true), '');
  roles text[] := '{viewer,developer,admin,owner}';
  role_then text := nullif(current_setting('latchkey.role', true), '');
  role_now text;
BEGIN
  IF current_setting('latchkey.is_let_in', true) = 'yes' THEN RETURN NEW; END IF;
  IF account IS NULL OR tenant IS NULL THEN
    IF EXISTS (SELECT FROM tenants t WHERE t.id = NEW.tenant_id AND t.state = 'deleted') THEN
      RAISE EXCEPTION USING
        ERRCODE = 'check_violation', CONSTRAINT = 'audit_events_actor_let_in', TABLE = TG_TABLE_NAME,
        MESSAGE = 'the tenant is deleted';
    END IF;
    RETURN NEW;
  END IF;
  SELECT roles[least(array_position(roles, a.role), coalesce(array_position(roles, k.role), 4))] INTO role_now
  FROM tenants t
  JOIN accounts a ON a.tenant_id = t.id AND a.id = account
  LEFT JOIN access_tokens k ON k.tenant_id = t.id AND k.account_id = a.id AND k.id = credential
    AND (k.expires_at > clock_timestamp() OR k.expires_at IS NULL)
  LEFT JOIN sessions s ON s.tenant_id = t.id AND s.account_id = a.id AND s.id = credential
    AND s.expires_at > clock_timestamp() AND s.last_used_at + s.idle_timeout > clock_timestamp()
  WHERE t.id = tenant AND t.state = 'active' AND a.state = 'active'
    AND (credential IS NULL OR k.id IS NOT NULL OR s.id IS NOT NULL);
  IF role_now IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = 'audit_events_actor_let_in', TABLE = TG_TABLE_NAME,
      MESSAGE = 'whoever asked for the change is let in no more';
  END IF;
  IF array_position(roles, role_now) < array_position(roles, role_then) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = 'audit_events_actor_role', TABLE = TG_TABLE_NAME,
      MESSAGE = 'whoever asked for the change has a lesser role now';
  END IF;
  -- The tenant's head is this transaction's from now on: nothing ends any more before it does.
  IF NEW.tenant_id = tenant THEN PERFORM set_config('latchkey.is_let_in', 'yes', true); END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION require_actor_let_in() FROM PUBLIC;
CREATE TRIGGER actor_let_in BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION require_actor_let_in();

-- A tenant that is deleted for good has nothing from then on: what was being added to it is there before, to be removed, or
-- is refused.
CREATE FUNCTION lock_deleted_head() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM FROM audit_heads WHERE tenant_id = NEW.id FOR UPDATE;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION lock_deleted_head() FROM PUBLIC;
CREATE TRIGGER lock_deleted_head BEFORE UPDATE OF state ON tenants
  FOR EACH ROW WHEN (NEW.state = 'deleted' AND OLD.state <> 'deleted') EXECUTE FUNCTION lock_deleted_head();

-- Whoever ends what it came by, as it signs out or deletes its own account, was let in until then.
CREATE FUNCTION note_own_ending() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM set_config('latchkey.is_let_in', 'yes', true);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION note_own_ending() FROM PUBLIC;
CREATE TRIGGER own_ending AFTER DELETE ON sessions
  FOR EACH ROW WHEN (OLD.id = current_setting('latchkey.credential', true)) EXECUTE FUNCTION note_own_ending();
CREATE TRIGGER own_ending AFTER DELETE ON access_tokens
  FOR EACH ROW WHEN (OLD.id = current_setting('latchkey.credential', true)) EXECUTE FUNCTION note_own_ending();

-- Whoever gives its own account a lesser role had the other one until then.
CREATE FUNCTION note_own_role() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  IF OLD.role = current_setting('latchkey.role', true) THEN PERFORM set_config('latchkey.role', NEW.role, true); END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION note_own_role() FROM PUBLIC;
CREATE TRIGGER own_role AFTER UPDATE OF role ON accounts
  FOR EACH ROW WHEN (OLD.id = current_setting('latchkey.account_id', true) AND NEW.role <> OLD.role)
  EXECUTE FUNCTION note_own_role();

-- Sessions are known by their ids from now on.
DROP FUNCTION session_by_digest(bytea);
CREATE FUNCTION session_by_digest(in_token_digest bytea)
  RETURNS TABLE (tenant_id text, account_id text, id text, role text, is_touch_due boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT s.tenant_id, s.account_id, s.id, a.role,
    s.last_used_at <= now() - least(interval '1 minute', s.idle_timeout / 4)
  FROM sessions s
  JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
  JOIN tenants t ON t.id = s.tenant_id
  WHERE s.token_digest = in_token_digest AND s.expires_at > now() AND s.last_used_at + s.idle_timeout > now()
    AND a.state = 'active' AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION session_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_by_digest(bytea) TO latchkey_console;
