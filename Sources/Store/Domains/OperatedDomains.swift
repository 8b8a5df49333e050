package import Model
package import Postgres

/// A claim of a host as who holds the owner's login sees it.
package struct OperatedDomain: Sendable {
  package let id: ID<Domain>
  package let tenant: ID<Tenant>
  package let tenantSlug: Slug
  package let host: HostName
  package let groupPrefix: Slug
  package let environment: DeploymentEnvironment
  package let state: Domain.State
  package let verificationToken: ID<Domain.Verification>
  /// Another tenant's claim of the same host that is verified.
  package let rival: ID<Domain>?
}

/// Statements about the hosts of any tenant, for the owner's login.
package enum OperatedDomains {
  /// All that are in this state, or in any, and of this host or id, if one is given; by host, the oldest claim first.
  package static func list(
    state: Domain.State? = nil, host: HostName? = nil, id: ID<Domain>? = nil
  ) -> Statement<[OperatedDomain]> {
    Query(
      "operated_domain.list",
      """
      SELECT d.id, d.tenant_id, t.slug, d.host, g.prefix, d.environment, d.state, d.verification_token, r.id
      FROM domains d
      JOIN tenants t ON t.id = d.tenant_id
      JOIN api_groups g ON g.tenant_id = d.tenant_id AND g.id = d.group_id
      LEFT JOIN domains r ON r.host = d.host AND r.state = 'verified' AND r.id <> d.id
      WHERE d.state = coalesce(\(state), d.state) AND d.host = coalesce(\(host), d.host)
        AND d.id = coalesce(\(id), d.id)
      ORDER BY d.host, d.created_at, d.id
      """
    ) { row in try OperatedDomain(row: &row) }.all
  }

  /// Gives how many it was, 0 or 1.
  ///
  /// - Throws: `StoreError.conflict(.verifiedHost)`.
  package static func approve(_ id: ID<Domain>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_domain.approve",
      """
      UPDATE domains SET state = 'verified', verified_at = now(), updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id) AND state <> 'verified'
      """
    ).affected
  }

  /// Of a pending claim or a verified one. Gives how many it was, 0 or 1.
  package static func reject(_ id: ID<Domain>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_domain.reject",
      """
      UPDATE domains SET state = 'rejected', verified_at = NULL, updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id) AND state <> 'rejected'
      """
    ).affected
  }
}

extension OperatedDomain {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), tenant: try row.next(), tenantSlug: try row.next(), host: try row.next(),
      groupPrefix: try row.next(), environment: try row.next(), state: try row.next(),
      verificationToken: try row.next(), rival: try row.next())
  }
}
