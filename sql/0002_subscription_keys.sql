-- A caller's subscription keys and their secrets, and the one look-up that other tenants have.

CREATE TABLE subscription_keys (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  state text NOT NULL DEFAULT 'active',
  expires_at timestamptz,
  created_by text COLLATE "C",
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  CONSTRAINT subscription_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT subscription_keys_id_unique UNIQUE (id),
  CONSTRAINT subscription_keys_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT subscription_keys_created_by FOREIGN KEY (tenant_id, created_by)
    REFERENCES accounts (tenant_id, id) ON DELETE SET NULL (created_by),
  CONSTRAINT subscription_keys_state_valid CHECK (state IN ('active', 'disabled'))
);
CREATE INDEX subscription_keys_newest ON subscription_keys (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CALL isolate('subscription_keys');
GRANT SELECT, INSERT, UPDATE (name, description, state, expires_at, updated_at, deleted_at)
  ON subscription_keys TO latchkey_console;
CREATE POLICY gateway ON subscription_keys FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, state, expires_at, deleted_at) ON subscription_keys TO latchkey_gateway;

-- One value of a key. Only its SHA-256 is kept, and enough of its beginning for a person to tell two apart.
CREATE TABLE subscription_secrets (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  subscription_key_id text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  prefix text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  CONSTRAINT subscription_secrets_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT subscription_secrets_digest_unique UNIQUE (digest),
  CONSTRAINT subscription_secrets_key FOREIGN KEY (tenant_id, subscription_key_id)
    REFERENCES subscription_keys (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT subscription_secrets_digest_length CHECK (octet_length(digest) = 32)
);
CREATE INDEX subscription_secrets_by_key ON subscription_secrets (tenant_id, subscription_key_id, created_at);
CALL isolate('subscription_secrets');
GRANT SELECT, INSERT, DELETE ON subscription_secrets TO latchkey_console;
CREATE POLICY gateway ON subscription_secrets FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, subscription_key_id, digest) ON subscription_secrets TO latchkey_gateway;

-- Whose key a subscription ID names, for any tenant that was told the whole ID. Deleted is as never having been.
CREATE FUNCTION subscription_by_id(in_id text)
  RETURNS TABLE (id text, name text, tenant_id text, tenant_name text, tenant_slug text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT k.id, k.name, t.id, t.name, t.slug
  FROM subscription_keys k
  JOIN tenants t ON t.id = k.tenant_id
  WHERE k.id = in_id AND k.deleted_at IS NULL AND t.state = 'active';
END;
REVOKE ALL ON FUNCTION subscription_by_id(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscription_by_id(text) TO latchkey_console;

-- How often an account has searched in the minute that began at `minute`.
CREATE TABLE subscription_searches (
  tenant_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  minute timestamptz NOT NULL,
  searches integer NOT NULL,
  CONSTRAINT subscription_searches_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT subscription_searches_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CALL isolate('subscription_searches');
GRANT SELECT, INSERT, UPDATE ON subscription_searches TO latchkey_console;
