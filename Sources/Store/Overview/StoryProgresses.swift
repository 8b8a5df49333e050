package import Model
package import Postgres

/// Statements about how far tenants have come.
package enum StoryProgresses {
  /// Each part stops at the first row that it finds, and says in which order it looks: the planner else reads the whole
  /// table where it believes that such rows are many. Whether a key has called is told of the tenant's first hundred keys,
  /// which are all that a tenant has for which the answer matters.
  package static func find(in tenant: ID<Tenant>) -> Statement<StoryProgress> {
    Query(
      "story_progress.find",
      """
      SELECT
        (SELECT k.id FROM subscription_keys k WHERE k.tenant_id = \(tenant) AND k.deleted_at IS NULL
          ORDER BY k.created_at DESC, k.id DESC LIMIT 1) IS NOT NULL,
        -- One, as the limit tells the planner, which else reads the whole view.
        (SELECT r.id FROM received_authorizations r LIMIT 1) IS NOT NULL,
        EXISTS (
          SELECT FROM (
            SELECT id FROM subscription_keys
            WHERE tenant_id = \(tenant) AND deleted_at IS NULL
            ORDER BY created_at, id
            LIMIT 100) k
          CROSS JOIN LATERAL (
            SELECT s.id FROM subscription_secrets s
            WHERE s.tenant_id = \(tenant) AND s.subscription_key_id = k.id AND s.last_used_at IS NOT NULL
            LIMIT 1) u),
        (SELECT g.id FROM api_groups g WHERE g.tenant_id = \(tenant)
          ORDER BY g.created_at DESC, g.id DESC LIMIT 1) IS NOT NULL,
        (SELECT a.id FROM apis a WHERE a.tenant_id = \(tenant)
          ORDER BY a.group_id, a.created_at DESC, a.id DESC LIMIT 1) IS NOT NULL,
        (SELECT d.id FROM deployments d WHERE d.tenant_id = \(tenant) AND d.ended_at IS NULL
          ORDER BY d.group_id, d.environment LIMIT 1) IS NOT NULL,
        o.has_authorized OR (
          SELECT d.id FROM deployments d
          JOIN api_groups g ON g.tenant_id = d.tenant_id AND g.id = d.group_id
          WHERE d.tenant_id = \(tenant) AND d.ended_at IS NULL
            AND access_mode_in(d.environment, g.access_mode, g.access_mode_test, g.access_mode_preview,
              g.access_mode_online) <> 'open'
          ORDER BY d.group_id, d.environment LIMIT 1) IS NOT NULL,
        o.has_authorized
      FROM (
        SELECT (SELECT a.id FROM authorizations a WHERE a.tenant_id = \(tenant)
          ORDER BY a.created_at DESC, a.id DESC LIMIT 1) IS NOT NULL AS has_authorized) o
      """
    ) { row in
      StoryProgress(
        hasKey: try row.next(), isAuthorized: try row.next(), hasCalled: try row.next(), hasGroup: try row.next(),
        hasAPI: try row.next(), isLive: try row.next(), isAuthorizable: try row.next(),
        hasAuthorized: try row.next())
    }.only
  }
}
