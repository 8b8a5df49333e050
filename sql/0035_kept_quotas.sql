-- Quotas also bound what the database keeps of a tenant and nobody can delete again, or not one by one: the APIs in all
-- revisions, the deployments, also those that have ended, and who may sign in, and by what.

ALTER TABLE tenant_quotas
  ADD COLUMN revision_apis integer NOT NULL DEFAULT 1000000,
  ADD COLUMN deployments integer NOT NULL DEFAULT 100000,
  ADD COLUMN accounts integer NOT NULL DEFAULT 10000,
  ADD COLUMN access_tokens integer NOT NULL DEFAULT 10000,
  DROP CONSTRAINT tenant_quotas_valid,
  ADD CONSTRAINT tenant_quotas_valid CHECK (
    least(
      subscription_keys, api_groups, apis, authorizations, domains, live_apis, live_bytes, authorization_targets,
      revision_apis, deployments, accounts, access_tokens) >= 0);
ALTER TABLE tenant_usage
  ADD COLUMN revision_apis integer NOT NULL DEFAULT 0,
  ADD COLUMN deployments integer NOT NULL DEFAULT 0,
  ADD COLUMN accounts integer NOT NULL DEFAULT 0,
  ADD COLUMN access_tokens integer NOT NULL DEFAULT 0;
UPDATE tenant_usage u
SET revision_apis = (SELECT coalesce(sum(r.api_count), 0) FROM revisions r WHERE r.tenant_id = u.tenant_id),
  deployments = (SELECT count(*) FROM deployments d WHERE d.tenant_id = u.tenant_id),
  accounts = (SELECT count(*) FROM accounts a WHERE a.tenant_id = u.tenant_id),
  access_tokens = (SELECT count(*) FROM access_tokens k WHERE k.tenant_id = u.tenant_id);

-- As before, but for the optional third argument: whether rows count until they are removed.
CREATE OR REPLACE FUNCTION count_against_quota() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  old_row jsonb := to_jsonb(OLD);
  new_row jsonb := to_jsonb(NEW);
  tenant text := coalesce(new_row, old_row) ->> 'tenant_id';
  old_weight bigint := coalesce(old_row ->> TG_ARGV[1], '1')::bigint;
  new_weight bigint := coalesce(new_row ->> TG_ARGV[1], '1')::bigint;
  counts_ended boolean := coalesce(TG_ARGV[2] = 'ended', false);
  change bigint :=
    CASE WHEN new_row IS NULL
        OR NOT counts_ended AND coalesce(new_row ->> 'deleted_at', new_row ->> 'ended_at') IS NOT NULL THEN 0
      ELSE new_weight END
    - CASE WHEN old_row IS NULL
        OR NOT counts_ended AND coalesce(old_row ->> 'deleted_at', old_row ->> 'ended_at') IS NOT NULL THEN 0
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
    AND NOT (TG_TABLE_NAME = 'deployments' AND NOT counts_ended AND replaces_as_much(new_row, TG_ARGV[1])))
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_quota', TABLE = TG_TABLE_NAME,
      MESSAGE = 'the tenant has as many ' || TG_ARGV[0] || ' as it may have';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON revisions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('revision_apis', 'api_count');
CREATE CONSTRAINT TRIGGER quota_of_kept AFTER INSERT OR DELETE ON deployments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('deployments', '', 'ended');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('accounts');
CREATE CONSTRAINT TRIGGER quota AFTER INSERT OR DELETE ON access_tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_against_quota('access_tokens');
