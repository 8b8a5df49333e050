-- What a provider publishes: groups with a draft of APIs, frozen revisions, and what is released where.

CREATE TABLE api_groups (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  prefix text COLLATE "C" NOT NULL,
  access_mode text NOT NULL,
  key_headers text[] NOT NULL DEFAULT '{}',
  first_released_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT api_groups_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_groups_id_unique UNIQUE (id),
  CONSTRAINT api_groups_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT api_groups_prefix_unique UNIQUE (tenant_id, prefix),
  CONSTRAINT api_groups_prefix_valid CHECK (prefix ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  CONSTRAINT api_groups_access_mode_valid CHECK (access_mode IN ('open', 'observe', 'required'))
);
CREATE INDEX api_groups_newest ON api_groups (tenant_id, created_at DESC, id DESC);
CALL isolate('api_groups');
GRANT SELECT, INSERT, DELETE,
  UPDATE (name, description, prefix, access_mode, key_headers, first_released_at, updated_at)
  ON api_groups TO latchkey_console;
CREATE POLICY gateway ON api_groups FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, prefix, access_mode, key_headers) ON api_groups TO latchkey_gateway;

-- A prefix is part of addresses that callers know, so the first release freezes it.
CREATE FUNCTION refuse_new_prefix_after_release() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation', CONSTRAINT = 'api_groups_prefix_frozen', TABLE = 'api_groups',
    MESSAGE = 'the prefix of a released group cannot change';
END
$$;
CREATE TRIGGER api_groups_prefix_frozen
  BEFORE UPDATE OF prefix ON api_groups
  FOR EACH ROW WHEN (OLD.first_released_at IS NOT NULL AND NEW.prefix IS DISTINCT FROM OLD.prefix)
  EXECUTE FUNCTION refuse_new_prefix_after_release();

-- A group's draft.
CREATE TABLE apis (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  method text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  match text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT apis_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT apis_group FOREIGN KEY (tenant_id, group_id) REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT apis_pattern_unique UNIQUE (tenant_id, group_id, method, path, match),
  CONSTRAINT apis_match_valid CHECK (match IN ('exact', 'prefix'))
);
CREATE INDEX apis_newest ON apis (tenant_id, group_id, created_at DESC, id DESC);
CALL isolate('apis');
GRANT SELECT, INSERT, UPDATE, DELETE ON apis TO latchkey_console;

CREATE TABLE revisions (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT revisions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT revisions_group_and_id_unique UNIQUE (tenant_id, group_id, id),
  CONSTRAINT revisions_group FOREIGN KEY (tenant_id, group_id) REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT revisions_version_unique UNIQUE (tenant_id, group_id, version)
);
CREATE INDEX revisions_newest ON revisions (tenant_id, group_id, created_at DESC, id DESC);
CALL isolate('revisions');
GRANT SELECT, INSERT ON revisions TO latchkey_console;

-- The draft as it was when the revision was made. Never updated.
CREATE TABLE revision_apis (
  tenant_id text COLLATE "C" NOT NULL,
  revision_id text COLLATE "C" NOT NULL,
  api_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  method text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  match text COLLATE "C" NOT NULL,
  CONSTRAINT revision_apis_pkey PRIMARY KEY (tenant_id, revision_id, api_id),
  CONSTRAINT revision_apis_revision FOREIGN KEY (tenant_id, revision_id)
    REFERENCES revisions (tenant_id, id) ON DELETE CASCADE
);
CALL isolate('revision_apis');
GRANT SELECT, INSERT ON revision_apis TO latchkey_console;
CREATE POLICY gateway ON revision_apis FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, revision_id, api_id, method, path, match) ON revision_apis TO latchkey_gateway;

-- A revision released to an environment. It is live until another takes its place or it is taken offline.
CREATE TABLE deployments (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  revision_id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  backend_url text COLLATE "C",
  mock_status integer,
  mock_headers text[],
  mock_body text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT deployments_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT deployments_group FOREIGN KEY (tenant_id, group_id) REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT deployments_revision FOREIGN KEY (tenant_id, group_id, revision_id)
    REFERENCES revisions (tenant_id, group_id, id) ON DELETE CASCADE,
  CONSTRAINT deployments_environment_valid CHECK (environment IN ('test', 'preview', 'online')),
  -- Either an HTTP backend or a mock response, whose header names and values alternate in one array.
  CONSTRAINT deployments_backend_valid CHECK (
    (backend_url IS NULL) = (mock_status IS NOT NULL)
    AND (mock_status IS NULL) = (mock_headers IS NULL)
    AND (mock_status IS NULL) = (mock_body IS NULL))
);
CREATE UNIQUE INDEX deployments_live_unique ON deployments (tenant_id, group_id, environment) WHERE ended_at IS NULL;
CREATE INDEX deployments_newest ON deployments (tenant_id, group_id, created_at DESC, id DESC);
CALL isolate('deployments');
GRANT SELECT, INSERT, UPDATE (ended_at) ON deployments TO latchkey_console;
CREATE POLICY gateway ON deployments FOR SELECT TO latchkey_gateway USING (true);
GRANT SELECT (tenant_id, id, group_id, revision_id, environment, backend_url, mock_status, mock_headers, mock_body, ended_at)
  ON deployments TO latchkey_gateway;
