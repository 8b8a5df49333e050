import Model
import Postgres
import TestPostgres

extension Installation {
  /// Makes another provider and another caller of everything that these have: rows of the very same ids.
  ///
  /// A key's and a group's id are one tenant's alone, and so is a digest, which would hide a forgotten tenant: not here.
  func bearTwin() async throws {
    let (otherProvider, otherCaller) = (ID<Tenant>.random(), ID<Tenant>.random())
    try await SQLScript(
      """
      SET session_replication_role = replica;
      ALTER TABLE subscription_keys DROP CONSTRAINT IF EXISTS subscription_keys_id_unique;
      ALTER TABLE api_groups DROP CONSTRAINT IF EXISTS api_groups_id_unique;
      ALTER TABLE subscription_secrets DROP CONSTRAINT IF EXISTS subscription_secrets_digest_unique;
      INSERT INTO tenants (id, slug, name) VALUES
        ('\(otherProvider)', 'p\(otherProvider.bits % 1_000_000)', 'Twin'),
        ('\(otherCaller)', 'c\(otherCaller.bits % 1_000_000)', 'Twin');
      DO $$
      DECLARE
        copied regclass;
        columns text;
      BEGIN
        FOREACH copied IN ARRAY ARRAY['api_groups', 'revisions', 'revision_apis', 'deployments', 'subscription_keys',
          'subscription_secrets', 'authorizations', 'authorization_targets']::regclass[]
        LOOP
          SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
          WHERE attrelid = copied AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
          EXECUTE format(
            'INSERT INTO %1$s (%2$s) SELECT %2$s FROM (
               SELECT (jsonb_populate_record(
                 r, replace(replace(to_jsonb(r)::text, %3$L, %4$L), %5$L, %6$L)::jsonb)).*
               FROM %1$s r WHERE r.tenant_id IN (%3$L, %5$L)) twin',
            copied, columns, '\(provider)', '\(otherProvider)', '\(caller)', '\(otherCaller)');
        END LOOP;
      END
      $$;
      UPDATE subscription_secrets SET digest = sha256(digest) WHERE tenant_id = '\(otherCaller)';
      """
    ).run(on: TestDatabase.current.configuration)
  }
}
