-- Hosts that tenants own, each bound to a group in an environment.
--
-- Anybody may claim any host; what is unique over the installation is a verified one. So nobody keeps a host from whom it
-- belongs to by claiming it first, and a claim tells nothing about others' claims.

CREATE TABLE domains (
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  -- A DNS name in lower case and ASCII.
  host text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  -- What the tenant publishes at the host. No secret.
  verification_token text COLLATE "C" NOT NULL,
  verified_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT domains_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT domains_id_unique UNIQUE (id),
  CONSTRAINT domains_own_host_unique UNIQUE (tenant_id, host),
  CONSTRAINT domains_group FOREIGN KEY (tenant_id, group_id) REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT domains_host_valid CHECK (
    host ~ '^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z0-9-]*[a-z0-9]$' AND length(host) <= 243),
  CONSTRAINT domains_environment_valid CHECK (environment IN ('test', 'preview', 'online')),
  CONSTRAINT domains_state_valid CHECK (state IN ('pending', 'verified', 'rejected')),
  CONSTRAINT domains_verified_at_valid CHECK ((state = 'verified') = (verified_at IS NOT NULL))
);
CREATE UNIQUE INDEX domains_host_unique ON domains (host) WHERE state = 'verified';
CREATE INDEX domains_newest ON domains (tenant_id, created_at DESC, id DESC);
CREATE INDEX domains_by_group ON domains (tenant_id, group_id);
CALL isolate('domains');
-- A claim is made pending, and its state is not the console's to write: see verify_domain.
GRANT SELECT, DELETE, INSERT (tenant_id, id, host, group_id, environment, verification_token),
  UPDATE (group_id, environment, updated_at) ON domains TO latchkey_console;
CREATE POLICY gateway ON domains FOR SELECT TO latchkey_gateway USING (state = 'verified');
GRANT SELECT (tenant_id, id, host, group_id, environment, state) ON domains TO latchkey_gateway;
CALL audit_changes('domains', 'domain');

-- Takes a pending claim of the current tenant for proven. Fails as any unique conflict does where the host is verified for
-- another.
CREATE FUNCTION verify_domain(in_id text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  UPDATE domains d SET state = 'verified', verified_at = now(), updated_at = clock_timestamp()
  WHERE d.tenant_id = current_tenant() AND d.id = in_id AND d.state = 'pending';
END;
REVOKE ALL ON FUNCTION verify_domain(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION verify_domain(text) TO latchkey_console;

-- Where calls to a host go, if it is verified: the very address that the group has by path.
CREATE FUNCTION domain_by_host(in_host text)
  RETURNS TABLE (domain_id text, slug text, prefix text, environment text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT d.id, t.slug, g.prefix, d.environment
  FROM domains d
  JOIN tenants t ON t.id = d.tenant_id
  JOIN api_groups g ON g.tenant_id = d.tenant_id AND g.id = d.group_id
  WHERE d.host = in_host AND d.state = 'verified';
END;
REVOKE ALL ON FUNCTION domain_by_host(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION domain_by_host(text) TO latchkey_console;

-- Gateways hear of what is verified, or was: a mere claim makes no work for them.
ALTER TABLE changes
  DROP CONSTRAINT changes_kind_valid,
  ADD CONSTRAINT changes_kind_valid CHECK (kind IN ('tenant', 'subscriptionKey', 'group', 'authorization', 'domain'));
CREATE TRIGGER record_change_insert AFTER INSERT ON domains
  FOR EACH ROW WHEN (NEW.state = 'verified') EXECUTE FUNCTION record_change('domain', 'tenant_id', 'id');
CREATE TRIGGER record_change_update AFTER UPDATE ON domains
  FOR EACH ROW WHEN (OLD.state = 'verified' OR NEW.state = 'verified')
  EXECUTE FUNCTION record_change('domain', 'tenant_id', 'id');
CREATE TRIGGER record_change_delete AFTER DELETE ON domains
  FOR EACH ROW WHEN (OLD.state = 'verified') EXECUTE FUNCTION record_change('domain', 'tenant_id', 'id');

-- Claims count, verified or not.
ALTER TABLE tenant_quotas
  ADD COLUMN domains integer NOT NULL DEFAULT 100,
  DROP CONSTRAINT tenant_quotas_valid,
  ADD CONSTRAINT tenant_quotas_valid CHECK (least(subscription_keys, api_groups, apis, authorizations, domains) >= 0);
ALTER TABLE tenant_usage ADD COLUMN domains integer NOT NULL DEFAULT 0;
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON domains
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('domains');
