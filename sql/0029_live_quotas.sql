-- Quotas bound what nodes hold: not only a tenant's drafts, which they never see, but what is live of them, and every target.

-- What of a deployment is in every node's memory while it is live. Counted when it is made, for its revision goes with it.
ALTER TABLE deployments
  ADD COLUMN api_count integer NOT NULL DEFAULT 0,
  -- Of its APIs' paths, its mock response, or its backend's URL and headers.
  ADD COLUMN byte_count bigint NOT NULL DEFAULT 0;
CREATE FUNCTION weigh_deployment() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  SELECT count(*), coalesce(sum(octet_length(a.path)), 0) + coalesce(octet_length(NEW.mock_body), 0)
    + coalesce(octet_length(array_to_string(NEW.mock_headers, '')), 0)
    + coalesce(octet_length(NEW.backend_url), 0) + coalesce(octet_length(NEW.backend_headers_sealed), 0)
  INTO NEW.api_count, NEW.byte_count
  FROM revision_apis a
  WHERE a.tenant_id = NEW.tenant_id AND a.revision_id = NEW.revision_id;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION weigh_deployment() FROM PUBLIC;
CREATE TRIGGER weigh_deployment BEFORE INSERT ON deployments FOR EACH ROW EXECUTE FUNCTION weigh_deployment();
-- Nothing that gateways go by, and no event.
ALTER TABLE deployments DISABLE TRIGGER USER;
UPDATE deployments d
SET api_count = w.api_count,
  byte_count = w.byte_count + coalesce(octet_length(d.mock_body), 0)
    + coalesce(octet_length(array_to_string(d.mock_headers, '')), 0)
    + coalesce(octet_length(d.backend_url), 0) + coalesce(octet_length(d.backend_headers_sealed), 0)
FROM (
  SELECT r.tenant_id, r.id, count(a.api_id) AS api_count, coalesce(sum(octet_length(a.path)), 0) AS byte_count
  FROM revisions r
  LEFT JOIN revision_apis a ON a.tenant_id = r.tenant_id AND a.revision_id = r.id
  GROUP BY r.tenant_id, r.id) w
WHERE w.tenant_id = d.tenant_id AND w.id = d.revision_id;
ALTER TABLE deployments ENABLE TRIGGER USER;
DROP TRIGGER audit ON deployments;
CALL audit_changes('deployments', 'deployment', ignored => '{api_count,byte_count}');

ALTER TABLE tenant_quotas
  ADD COLUMN live_apis integer NOT NULL DEFAULT 60000,
  ADD COLUMN live_bytes bigint NOT NULL DEFAULT 33554432,
  ADD COLUMN authorization_targets integer NOT NULL DEFAULT 100000,
  DROP CONSTRAINT tenant_quotas_valid,
  ADD CONSTRAINT tenant_quotas_valid CHECK (
    least(subscription_keys, api_groups, apis, authorizations, domains, live_apis, live_bytes, authorization_targets) >= 0);
ALTER TABLE tenant_usage
  ADD COLUMN live_apis integer NOT NULL DEFAULT 0,
  ADD COLUMN live_bytes bigint NOT NULL DEFAULT 0,
  ADD COLUMN authorization_targets integer NOT NULL DEFAULT 0;
UPDATE tenant_usage u
SET live_apis = (
    SELECT coalesce(sum(d.api_count), 0) FROM deployments d WHERE d.tenant_id = u.tenant_id AND d.ended_at IS NULL),
  live_bytes = (
    SELECT coalesce(sum(d.byte_count), 0) FROM deployments d WHERE d.tenant_id = u.tenant_id AND d.ended_at IS NULL),
  authorization_targets = (SELECT count(*) FROM authorization_targets x WHERE x.tenant_id = u.tenant_id);

-- Whether the running transaction has ended what was live where this deployment is, and that was as much: who is over a limit
-- that was lowered can still release anew and roll back.
CREATE FUNCTION replaces_as_much(in_deployment jsonb, in_weight text) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM deployments d
    WHERE d.tenant_id = in_deployment ->> 'tenant_id' AND d.group_id = in_deployment ->> 'group_id'
      AND d.environment = in_deployment ->> 'environment' AND d.id <> in_deployment ->> 'id'
      AND d.ended_at IS NOT NULL AND d.xmin = pg_current_xact_id()::xid
      AND (to_jsonb(d) ->> in_weight)::bigint >= (in_deployment ->> in_weight)::bigint);
END;
REVOKE ALL ON FUNCTION replaces_as_much(jsonb, text) FROM PUBLIC;

-- Counts a row that came or went. Arguments: the column that counts its table and, for rows that do not count as one each,
-- their own column that tells as how much they do. Rows go when they are deleted or have ended, not when they are removed.
--
-- A tenant without a quota may have nothing more.
CREATE OR REPLACE FUNCTION count_against_quota() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  old_row jsonb := to_jsonb(OLD);
  new_row jsonb := to_jsonb(NEW);
  tenant text := coalesce(new_row, old_row) ->> 'tenant_id';
  old_weight bigint := coalesce(old_row ->> TG_ARGV[1], '1')::bigint;
  new_weight bigint := coalesce(new_row ->> TG_ARGV[1], '1')::bigint;
  change bigint :=
    CASE WHEN new_row IS NULL OR coalesce(new_row ->> 'deleted_at', new_row ->> 'ended_at') IS NOT NULL THEN 0
      ELSE new_weight END
    - CASE WHEN old_row IS NULL OR coalesce(old_row ->> 'deleted_at', old_row ->> 'ended_at') IS NOT NULL THEN 0
      ELSE old_weight END;
  counting text :=
    'UPDATE tenant_usage u SET %1$I = u.%1$I + $1 FROM tenant_quotas q
     WHERE %2$s u.tenant_id = $2 AND q.tenant_id = u.tenant_id
     RETURNING u.ctid, u.%1$I > q.%1$I';
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
  IF change > 0 AND (is_over IS NULL OR is_over
    AND NOT (TG_TABLE_NAME = 'deployments' AND replaces_as_much(new_row, TG_ARGV[1])))
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_quota', TABLE = TG_TABLE_NAME,
      MESSAGE = 'the tenant has as many ' || TG_ARGV[0] || ' as it may have';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR UPDATE OF ended_at OR DELETE ON deployments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('live_apis', 'api_count');
CREATE CONSTRAINT TRIGGER quota_of_bytes AFTER INSERT OR UPDATE OF ended_at OR DELETE ON deployments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('live_bytes', 'byte_count');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON authorization_targets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('authorization_targets');
