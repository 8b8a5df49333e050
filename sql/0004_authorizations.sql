-- Which subscription keys may call which targets. The provider's tenant owns the row; the caller's reads of it.

CREATE TABLE authorizations (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  subscriber_tenant_id text COLLATE "C" NOT NULL,
  subscription_key_id text COLLATE "C" NOT NULL,
  description text,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT authorizations_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT authorizations_id_and_key_unique UNIQUE (tenant_id, id, subscription_key_id),
  CONSTRAINT authorizations_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT authorizations_key FOREIGN KEY (subscriber_tenant_id, subscription_key_id)
    REFERENCES subscription_keys (tenant_id, id)
);
CREATE INDEX authorizations_newest ON authorizations (tenant_id, created_at DESC, id DESC);
CREATE INDEX authorizations_by_key ON authorizations (subscriber_tenant_id, subscription_key_id, created_at DESC, id DESC);
CALL isolate('authorizations');
GRANT SELECT, INSERT, UPDATE (description, expires_at, updated_at), DELETE ON authorizations TO latchkey_console;
CREATE POLICY gateway ON authorizations FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, subscriber_tenant_id, subscription_key_id, expires_at) ON authorizations TO latchkey_gateway;

-- A target is a group in an environment; it survives re-release and rollback, and lapses while offline.
CREATE TABLE authorization_targets (
  tenant_id text COLLATE "C" NOT NULL,
  authorization_id text COLLATE "C" NOT NULL,
  subscription_key_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  CONSTRAINT authorization_targets_pkey PRIMARY KEY (tenant_id, authorization_id, group_id, environment),
  CONSTRAINT authorization_targets_key_and_target_unique
    UNIQUE (tenant_id, group_id, environment, subscription_key_id),
  CONSTRAINT authorization_targets_authorization FOREIGN KEY (tenant_id, authorization_id, subscription_key_id)
    REFERENCES authorizations (tenant_id, id, subscription_key_id) ON DELETE CASCADE,
  CONSTRAINT authorization_targets_group FOREIGN KEY (tenant_id, group_id)
    REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT authorization_targets_environment_valid CHECK (environment IN ('test', 'preview', 'online'))
);
CALL isolate('authorization_targets');
GRANT SELECT, INSERT, DELETE ON authorization_targets TO latchkey_console;
CREATE POLICY gateway ON authorization_targets FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, authorization_id, subscription_key_id, group_id, environment)
  ON authorization_targets TO latchkey_gateway;

-- What a provider may know of the keys that it authorized: what the search told it.
CREATE VIEW authorized_subscriptions WITH (security_barrier) AS
  SELECT a.tenant_id, a.id AS authorization_id, k.id AS subscription_key_id, k.name AS subscription_key_name,
    t.name AS subscriber_name, t.slug AS subscriber_slug
  FROM authorizations a
  JOIN subscription_keys k ON k.tenant_id = a.subscriber_tenant_id AND k.id = a.subscription_key_id
  JOIN tenants t ON t.id = a.subscriber_tenant_id
  WHERE a.tenant_id = current_tenant();
GRANT SELECT ON authorized_subscriptions TO latchkey_console;

-- What a caller may know of the authorizations that its keys were given, one row a target.
CREATE VIEW received_authorizations WITH (security_barrier) AS
  SELECT a.id, a.subscription_key_id, a.expires_at, a.created_at, x.group_id, g.name AS group_name, x.environment,
    t.name AS provider_name, t.slug AS provider_slug
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
  JOIN tenants t ON t.id = a.tenant_id
  WHERE a.subscriber_tenant_id = current_tenant();
GRANT SELECT ON received_authorizations TO latchkey_console;
