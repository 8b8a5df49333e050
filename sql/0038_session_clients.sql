-- What a person knows a session by: the program that it was begun with, as it calls itself.
ALTER TABLE sessions
  ADD COLUMN client text,
  ADD CONSTRAINT sessions_client_length CHECK (length(client) BETWEEN 1 AND 60);
-- The session has it, and goes; its events, which stay, do not.
DROP TRIGGER audit ON sessions;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit(
    'session', 'tenant_id', 'account_id', '{address}', '{last_used_at,idle_timeout,client}');
DROP TRIGGER audit_end ON sessions;
CREATE CONSTRAINT TRIGGER audit_end AFTER DELETE ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (nullif(current_setting('latchkey.account_id', true), '') IS NOT NULL)
  EXECUTE FUNCTION audit('session', 'tenant_id', 'account_id', '{address}', '{last_used_at,idle_timeout,client}');
