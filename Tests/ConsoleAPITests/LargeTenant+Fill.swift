import TestPostgres

@testable import Postgres

extension LargeTenant {
  /// Writes it all, without triggers: it is not the audit's speed that is looked at. Rows of a table are the older the
  /// higher their number, over the last day.
  func fill(_ database: TestDatabase) async throws {
    try await SQLScript(
      """
      SET session_replication_role = replica;
      \(Self.functions)
      \(limitPoliciesText)
      \(keysText)
      \(authorizationsText)
      \(providerText)
      \(accountsText)
      \(auditText)
      \(usageText)
      ANALYZE;
      """
    ).run(on: database.configuration)
  }

  private static let functions = """
    CREATE FUNCTION pg_temp.code(prefix text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE
      RETURN prefix || '_' || lpad(number::text, 26, '0');
    CREATE FUNCTION pg_temp.moment(number bigint, rows bigint) RETURNS timestamptz LANGUAGE sql STABLE
      RETURN now() - number * interval '1 day' / rows;
    """

  /// For both tenants as providers, each of 100 keys at each of 20 groups every day of a month, in all sums.
  private var usageText: String {
    """
    SELECT add_usage_partition('usage_days', now() - i * interval '1 day') FROM generate_series(0, 31) i;
    INSERT INTO usage_days
    SELECT t.id, 'provider', d.dimensions, date_trunc('day', now() - i * interval '1 day', 'UTC'),
      CASE WHEN d.dimensions & 1 > 0 THEN pg_temp.code('grp', g) ELSE '' END,
      CASE WHEN d.dimensions & 4 > 0 THEN pg_temp.code('sub', k) ELSE '' END,
      CASE WHEN d.dimensions & 2 > 0 THEN pg_temp.code('api', g) ELSE '' END,
      'online', 'admitted', '', 10, 0, 9, 0, 1, 0, 100, 1000, 5000, 1000000000000, now()
    FROM unnest(ARRAY['\(owner.tenant)', '\(other.tenant)']) AS t (id)
    CROSS JOIN generate_series(0, 31) i
    CROSS JOIN generate_series(1, 20) g
    CROSS JOIN generate_series(1, 100) k
    CROSS JOIN unnest(ARRAY[0, 1, 3, 4, 5, 7]) AS d (dimensions)
    ON CONFLICT DO NOTHING;
    """
  }

  /// 100,000 keys, the oldest 100 disabled, every 10th expires within ten days, of which every 50th
  /// has expired, and every 20th has been rotated; the other
  /// tenant has 1,000, of which 10 take nobody's authorizations.
  private var keysText: String {
    """
    INSERT INTO subscription_keys (tenant_id, id, name, state, created_at, expires_at, rotated_at)
    SELECT '\(owner.tenant)', pg_temp.code('sub', 1000 + i), 'common ' || i,
      CASE WHEN i > 99900 THEN 'disabled' ELSE 'active' END, pg_temp.moment(i, 100000),
      CASE WHEN i % 500 = 0 THEN now() - i * interval '8 seconds'
        WHEN i % 10 = 0 THEN now() + i * interval '8 seconds' END,
      CASE WHEN i % 20 = 0 THEN pg_temp.moment(i, 100000) END
    FROM generate_series(1, 100000) i;
    INSERT INTO subscription_keys (tenant_id, id, name, created_at, deleted_at)
    SELECT '\(owner.tenant)', pg_temp.code('sub', 200000 + i), 'common ' || i, pg_temp.moment(i, 20000), now()
    FROM generate_series(1, 20000) i;
    INSERT INTO subscription_keys (tenant_id, id, name, providers, created_at)
    SELECT '\(other.tenant)', pg_temp.code('sub', CASE i WHEN 7 THEN 7 ELSE 300000 + i END), 'common ' || i,
      CASE WHEN i > 990 THEN '{nobody}'::text[] END, pg_temp.moment(i, 1000)
    FROM generate_series(1, 1000) i;
    INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix)
    SELECT tenant_id, 'sec' || id, id, sha256(id::bytea), 'lk_00000' FROM subscription_keys;
    """
  }

  /// 1,000 policies, the quota. All callers of each group are under one, and of the oldest 10 under another in `test`; every
  /// other authorization is under one, the oldest 200 under another.
  private var limitPoliciesText: String {
    """
    INSERT INTO limit_policies (tenant_id, id, name, per_minute, created_at)
    SELECT t.id, pg_temp.code('lim', t.first + i), 'Policy', 1, pg_temp.moment(i, 1000)
    FROM generate_series(1, 1000) i
    CROSS JOIN (VALUES ('\(owner.tenant)', 0), ('\(other.tenant)', 1000)) AS t (id, first);
    """
  }

  /// 20,000 authorizations, the quota. The oldest: 200 have expired, 100 are of one key, 300 for one group, 70 for `test`.
  /// The key has 2,000 more, of its own tenant.
  private var authorizationsText: String {
    """
    INSERT INTO authorizations (
      tenant_id, id, subscriber_tenant_id, subscription_key_id, created_at, expires_at, limit_policy_id)
    SELECT '\(owner.tenant)', pg_temp.code('aut', i), '\(other.tenant)',
      pg_temp.code('sub', CASE WHEN i > 19900 OR i % 1000 IN (7, 0) THEN 7 ELSE 300000 + i % 1000 END),
      pg_temp.moment(i, 20000),
      CASE WHEN i > 19800 THEN now() WHEN i % 3 = 0 THEN now() + interval '1 day' END,
      CASE WHEN i > 19800 THEN pg_temp.code('lim', 1) WHEN i % 2 = 0 THEN pg_temp.code('lim', 2) END
    FROM generate_series(1, 20000) i;
    INSERT INTO authorizations (
      tenant_id, id, subscriber_tenant_id, subscription_key_id, created_at, limit_policy_id)
    SELECT '\(other.tenant)', pg_temp.code('aut', i), '\(other.tenant)', pg_temp.code('sub', 7), pg_temp.moment(i, 2000),
      pg_temp.code('lim', 1002)
    FROM generate_series(1, 2000) i;
    INSERT INTO authorization_targets (
      tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, environment, authorized_at)
    SELECT a.tenant_id, a.id, a.subscriber_tenant_id, a.subscription_key_id,
      pg_temp.code('grp',
        CASE WHEN i > 19900 THEN i - 19000 WHEN i > 19600 THEN j ELSE 3 + i / 1000 * 45 + i % 20 * 2 + j END),
      CASE WHEN (j = 2 AND i > 19950) OR (j = 1 AND i BETWEEN 19881 AND 19900) THEN 'test'
        WHEN j = 2 THEN 'preview' ELSE 'online' END,
      a.created_at
    FROM generate_series(1, 20000) i
    CROSS JOIN generate_series(1, 2) j
    JOIN authorizations a ON a.tenant_id = '\(owner.tenant)' AND a.id = pg_temp.code('aut', i);
    INSERT INTO authorization_targets (
      tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, environment, authorized_at)
    SELECT a.tenant_id, a.id, a.subscriber_tenant_id, a.subscription_key_id, pg_temp.code('grp', 5000 + i), 'online', a.created_at
    FROM generate_series(1, 2000) i
    JOIN authorizations a ON a.tenant_id = '\(other.tenant)' AND a.id = pg_temp.code('aut', i);
    """
  }

  /// 1,000 groups, of which the oldest 10 can be authorized; the newest has 5,000 APIs, 2,000 revisions, and 20,000
  /// deployments, of which the oldest 50 were to `test`.
  private var providerText: String {
    """
    INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode, created_at, first_released_at, limit_policy_online,
      limit_policy_test)
    SELECT '\(owner.tenant)', pg_temp.code('grp', i), 'Group', 'g' || i,
      CASE WHEN i > 990 THEN 'required' ELSE 'open' END, pg_temp.moment(i, 1000), now(), pg_temp.code('lim', 2),
      CASE WHEN i > 990 THEN pg_temp.code('lim', 1) END
    FROM generate_series(1, 1000) i;
    INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode)
    SELECT '\(other.tenant)', pg_temp.code('grp', 5000 + i), 'Group', 'g' || i, 'required'
    FROM generate_series(1, 2000) i;
    INSERT INTO apis (tenant_id, id, group_id, name, method, path, match, created_at)
    SELECT '\(owner.tenant)', pg_temp.code('api', i), pg_temp.code('grp', 1), 'API', 'GET', '/p' || i, 'exact',
      pg_temp.moment(i, 5000)
    FROM generate_series(1, 5000) i;
    INSERT INTO revisions (tenant_id, id, group_id, version, created_at)
    SELECT '\(owner.tenant)', pg_temp.code('rev', i), pg_temp.code('grp', 1), '1.0.' || i, pg_temp.moment(i, 2000)
    FROM generate_series(1, 2000) i
    UNION ALL
    SELECT '\(owner.tenant)', pg_temp.code('rev', 10000 + i), pg_temp.code('grp', i), '0.0.1', now()
    FROM generate_series(1, 1000) i;
    INSERT INTO deployments (
      tenant_id, id, group_id, revision_id, environment, backend_url, created_at, ended_at)
    SELECT '\(owner.tenant)', pg_temp.code('dep', i), pg_temp.code('grp', 1), pg_temp.code('rev', 1 + i % 2000),
      CASE WHEN i > 19950 THEN 'test' ELSE 'preview' END, 'http://a.example', pg_temp.moment(i, 20000), now()
    FROM generate_series(1, 20000) i
    UNION ALL
    SELECT '\(owner.tenant)', pg_temp.code('dep', 100000 + i), pg_temp.code('grp', i), pg_temp.code('rev', 10000 + i),
      'online', 'http://a.example', now(), NULL
    FROM generate_series(1, 1000) i;
    """
  }

  /// 20,000 accounts, tokens and sessions, every 200th token and session of the owner.
  private var accountsText: String {
    """
    INSERT INTO accounts (tenant_id, id, email, name, role, created_at)
    SELECT '\(owner.tenant)', pg_temp.code('acc', i), 'a' || i || '@a.example', 'A', 'viewer', pg_temp.moment(i, 20000)
    FROM generate_series(1, 20000) i;
    INSERT INTO access_tokens (tenant_id, id, account_id, name, role, digest, prefix, created_at)
    SELECT '\(owner.tenant)', pg_temp.code('pat', i),
      CASE WHEN i % 200 = 0 THEN '\(owner.account)' ELSE pg_temp.code('acc', i) END,
      'T', 'viewer', sha256(int8send(i)), 'lkt_00000', pg_temp.moment(i, 20000)
    FROM generate_series(1, 20000) i;
    INSERT INTO sessions (tenant_id, id, account_id, token_digest, expires_at, created_at)
    SELECT '\(owner.tenant)', pg_temp.code('ssn', i),
      CASE WHEN i % 200 = 0 THEN '\(owner.account)' ELSE pg_temp.code('acc', i) END,
      sha256(int8send(i)), now() + interval '1 day', pg_temp.moment(i, 20000)
    FROM generate_series(1, 20000) i;
    """
  }

  /// 100,000 events, the oldest 100 about groups and 50 about one entity; every 1,000th is the owner's.
  private var auditText: String {
    """
    DELETE FROM audit_particulars;
    DELETE FROM audit_events;
    INSERT INTO audit_events (tenant_id, sequence, occurred_at, entity_kind, entity_id, action, actor_kind, account_id,
      previous_hash, hash)
    SELECT '\(owner.tenant)', i, pg_temp.moment(100000 - i, 100000), k.kind,
      CASE WHEN i <= 50 THEN 'sub_7' ELSE pg_temp.code('sub', 1000 + i) END, k.kind || '.created', 'account',
      CASE WHEN i % 1000 = 0 THEN '\(owner.account)' ELSE pg_temp.code('acc', i % 100) END, '', sha256(int8send(i))
    FROM generate_series(1, 100000) i
    CROSS JOIN LATERAL (SELECT CASE WHEN i <= 100 THEN 'apiGroup' ELSE 'subscriptionKey' END AS kind) k;
    INSERT INTO audit_particulars (tenant_id, sequence, part, salt, content)
    SELECT tenant_id, sequence, 'change', '', '{}' FROM audit_events;
    """
  }
}
