-- Tenants, the accounts that sign in to them, and their sessions; and what isolates every table of a tenant.

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The tenant that the running transaction acts for; null, and so equal to nothing, when it has set none.
CREATE FUNCTION current_tenant() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('latchkey.tenant_id', true), '');
GRANT EXECUTE ON FUNCTION current_tenant() TO latchkey_console;

-- Isolates a table beneath the code: forced row-level security, by which the console sees and writes the rows of the
-- current tenant only. Forced policies bind the owner too, who needs one of its own for migrations and backups.
CREATE PROCEDURE isolate(isolated regclass, tenant_column name DEFAULT 'tenant_id')
  LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', isolated);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', isolated);
  EXECUTE format('CREATE POLICY owner ON %s TO latchkey_owner USING (true) WITH CHECK (true)', isolated);
  EXECUTE format(
    'CREATE POLICY tenant ON %s TO latchkey_console USING (%2$I = current_tenant()) WITH CHECK (%2$I = current_tenant())',
    isolated, tenant_column);
END
$$;

-- The migrator's own table: nobody's rows, so no tenant's policy. Nodes read it to know which schema they meet.
ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE schema_migrations FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON schema_migrations TO latchkey_owner USING (true) WITH CHECK (true);
CREATE POLICY node ON schema_migrations FOR SELECT TO latchkey_console, latchkey_gateway USING (true);
GRANT SELECT ON schema_migrations TO latchkey_console, latchkey_gateway;

CREATE TABLE tenants (
  id text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'active',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_slug_unique UNIQUE (slug),
  CONSTRAINT tenants_slug_valid CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  CONSTRAINT tenants_state_valid CHECK (state IN ('active', 'suspended'))
);
CALL isolate('tenants', 'id');
GRANT SELECT, INSERT, UPDATE (name, updated_at) ON tenants TO latchkey_console;
CREATE POLICY gateway ON tenants FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (id, slug, state) ON tenants TO latchkey_gateway;

CREATE TABLE accounts (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  state text NOT NULL DEFAULT 'active',
  password_hash text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT accounts_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT accounts_role_valid CHECK (role IN ('owner', 'admin', 'developer', 'viewer')),
  CONSTRAINT accounts_state_valid CHECK (state IN ('invited', 'active', 'disabled'))
);
CREATE UNIQUE INDEX accounts_email_unique ON accounts (tenant_id, lower(email COLLATE "C"));
CALL isolate('accounts');
GRANT SELECT, INSERT ON accounts TO latchkey_console;

-- A signed-in browser or program. Only the token's SHA-256 is kept.
CREATE TABLE sessions (
  tenant_id text COLLATE "C" NOT NULL,
  token_digest bytea NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (token_digest),
  CONSTRAINT sessions_account FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT sessions_token_digest_length CHECK (octet_length(token_digest) = 32)
);
CREATE INDEX sessions_by_account ON sessions (tenant_id, account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CALL isolate('sessions');
GRANT SELECT, INSERT, DELETE ON sessions TO latchkey_console;

-- Who signs in: the account of one e-mail address in the tenant of one slug. No row for a suspended tenant.
CREATE FUNCTION account_by_email(in_slug text, in_email text)
  RETURNS TABLE (tenant_id text, account_id text, password_hash text, state text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT a.tenant_id, a.id, a.password_hash, a.state
  FROM tenants t
  JOIN accounts a ON a.tenant_id = t.id
  WHERE t.slug = in_slug AND t.state = 'active' AND lower(a.email COLLATE "C") = lower(in_email COLLATE "C");
END;
REVOKE ALL ON FUNCTION account_by_email(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_by_email(text, text) TO latchkey_console;

-- Whose token this is, by its SHA-256. No row once the session has expired or its tenant or account is not active.
CREATE FUNCTION session_by_digest(in_token_digest bytea)
  RETURNS TABLE (tenant_id text, account_id text, role text, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT s.tenant_id, s.account_id, a.role, s.expires_at
  FROM sessions s
  JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
  JOIN tenants t ON t.id = s.tenant_id
  WHERE s.token_digest = in_token_digest AND s.expires_at > now() AND a.state = 'active' AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION session_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_by_digest(bytea) TO latchkey_console;

-- Forgets sessions that have expired. Returns how many there were.
CREATE FUNCTION prune_sessions() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH expired AS (DELETE FROM sessions WHERE expires_at < now() RETURNING 1)
  SELECT count(*) FROM expired;
END;
REVOKE ALL ON FUNCTION prune_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_sessions() TO latchkey_console;
