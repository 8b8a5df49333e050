package import Model
package import Postgres

/// Statements about what goes with an account.
package enum AccountFootprints {
  package static func find(_ id: ID<Account>, in tenant: ID<Tenant>) -> Statement<AccountFootprint?> {
    Query(
      "account_footprint.find",
      """
      SELECT
        (SELECT count(*) FROM (
          SELECT FROM sessions s
          WHERE s.tenant_id = a.tenant_id AND s.account_id = a.id
            AND s.expires_at > now() AND s.last_used_at + s.idle_timeout > now()
          LIMIT \(AccountFootprint.maximumCount)) AS open),
        (SELECT count(*) FROM (
          SELECT FROM access_tokens t
          WHERE t.tenant_id = a.tenant_id AND t.account_id = a.id AND (t.expires_at IS NULL OR t.expires_at > now())
          LIMIT \(AccountFootprint.maximumCount)) AS live),
        a.role = 'owner' AND a.state = 'active' AND NOT EXISTS (
          SELECT FROM accounts o
          WHERE o.tenant_id = a.tenant_id AND o.role = 'owner' AND o.state = 'active' AND o.id <> a.id)
      FROM accounts a
      WHERE a.tenant_id = \(tenant) AND a.id = \(id)
      """
    ) { row in
      AccountFootprint(sessions: try row.next(), accessTokens: try row.next(), isLastOwner: try row.next())
    }.first
  }
}
