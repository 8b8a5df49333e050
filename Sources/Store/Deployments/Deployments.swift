package import Model
package import Postgres

/// A backend as it is kept: its own headers sealed, nil if it has none.
package struct SealedBackend: Sendable {
  package let backend: Backend
  package let sealedHeaders: [UInt8]?

  package init(_ backend: Backend, sealedHeaders: [UInt8]?) {
    (self.backend, self.sealedHeaders) = (backend, sealedHeaders)
  }
}

/// Statements about deployments.
///
/// Whoever releases a group or takes it offline first touches it, and so waits for others who do. The times are those of
/// the statements, not the transaction's, so that the history is in the order in which it happened.
package enum Deployments {
  /// Makes a new version of the group, and keeps others from releasing, authorizing and changing it until the
  /// transaction ends. Gives how many groups it was, 0 or 1.
  ///
  /// - Parameter freezingPrefix: whether from now on the group's prefix stays as it is.
  package static func touchGroup(
    _ group: ID<APIGroup>, freezingPrefix: Bool, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "deployment.touch_group",
      """
      UPDATE api_groups
      SET updated_at = clock_timestamp(),
        first_released_at = CASE WHEN \(freezingPrefix)
          THEN coalesce(first_released_at, clock_timestamp()) ELSE first_released_at END
      WHERE tenant_id = \(tenant) AND id = \(group)
      """
    ).affected
  }

  /// Ends what is live of the group in an environment. Gives how many deployments it was, 0 or 1.
  package static func end(
    _ group: ID<APIGroup>, in environment: DeploymentEnvironment, of tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "deployment.end",
      """
      UPDATE deployments
      SET ended_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND group_id = \(group) AND environment = \(environment) AND ended_at IS NULL
      """
    ).affected
  }

  /// Releases the revision of a version, if the group has it, to an environment where nothing is live.
  package static func insert(
    _ version: RevisionVersion, to environment: DeploymentEnvironment, _ sealed: SealedBackend, id: ID<Deployment>,
    of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<Deployment?> {
    let (backend, mock) = (sealed.backend, sealed.backend.mock)
    return Query(
      "deployment.insert",
      """
      INSERT INTO deployments (tenant_id, group_id, id, revision_id, environment, backend_url,
        backend_header_names, backend_headers_sealed, mock_status, mock_headers, mock_body, created_at)
      SELECT r.tenant_id, r.group_id, \(id), r.id, \(environment), \(backend.url),
        \(backend.headerNames), \(sealed.sealedHeaders), \(mock?.status),
        \(mock?.headers.flatMap { [$0.name, $0.value] }), \(mock?.body), clock_timestamp()
      FROM revisions r
      WHERE r.tenant_id = \(tenant) AND r.group_id = \(group) AND r.version = \(version)
      RETURNING id, revision_id, \(version)::text, environment, backend_url, backend_header_names, mock_status,
        mock_headers, mock_body, created_at, ended_at
      """
    ) { row in try Deployment(row: &row) }.first
  }

  /// A deployment of the group, with its backend's own headers as they are kept.
  package static func find(
    _ id: ID<Deployment>, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<(deployment: Deployment, sealedHeaders: [UInt8]?)?> {
    Query(
      "deployment.find",
      """
      SELECT d.id, d.revision_id,
        (SELECT r.version FROM revisions r WHERE r.tenant_id = d.tenant_id AND r.id = d.revision_id),
        d.environment, d.backend_url, d.backend_header_names, d.mock_status, d.mock_headers, d.mock_body,
        d.created_at, d.ended_at, d.backend_headers_sealed
      FROM deployments d
      WHERE d.tenant_id = \(tenant) AND d.id = \(id) AND d.group_id = \(group)
      """
    ) { row in (deployment: try Deployment(row: &row), sealedHeaders: try row.next([UInt8]?.self)) }.first
  }

  /// At least the first `limit` deployments, newest first.
  package static func list(
    of group: ID<APIGroup>, _ filter: Deployment.Filter, after position: Position<Deployment>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[Deployment]> {
    var narrowing = Narrowing()
    narrowing.add("after", position.map { "AND (d.created_at, d.id) < (\($0.createdAt), \($0.id))" })
    narrowing.add("environment", filter.environment.map { "AND d.environment = \($0)" })
    let rows = narrowing.rows(limit)
    return Query(
      "deployment.list",
      """
      SELECT d.id, d.revision_id,
        (SELECT r.version FROM revisions r WHERE r.tenant_id = d.tenant_id AND r.id = d.revision_id),
        d.environment, d.backend_url, d.backend_header_names, d.mock_status, d.mock_headers, d.mock_body,
        d.created_at, d.ended_at
      FROM deployments d
      WHERE d.tenant_id = \(tenant) AND d.group_id = \(group)
        \(narrowing.conditions)
      ORDER BY d.created_at DESC, d.id DESC
      LIMIT \(rows)
      """
    ) { row in try Deployment(row: &row) }.variant(narrowing.names).all
  }

  /// Where a group is live.
  package static func liveEnvironments(
    of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<[DeploymentEnvironment]> {
    Query<DeploymentEnvironment>(
      "deployment.live_environments",
      """
      SELECT environment
      FROM deployments
      WHERE tenant_id = \(tenant) AND group_id = \(group) AND ended_at IS NULL
      ORDER BY created_at
      """
    ).all
  }
}

extension Deployment {
  /// Reads `id, revision_id, version, environment, backend_url, backend_header_names, mock_status, mock_headers,
  /// mock_body, created_at, ended_at`.
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), revision: try row.next(), version: try row.next(), environment: try row.next(),
      backend: try Backend(row: &row), createdAt: try row.next(), endedAt: try row.next())
  }
}

extension Backend {
  fileprivate var url: BackendURL? {
    if case .http(let url, _) = self { url } else { nil }
  }

  fileprivate var headerNames: [String] {
    if case .http(_, let headers) = self { headers.map(\.description) } else { [] }
  }

  fileprivate var mock: MockResponse? {
    if case .mock(let response) = self { response } else { nil }
  }

  /// Reads `backend_url, backend_header_names, mock_status, mock_headers, mock_body`.
  fileprivate init(row: inout Row) throws {
    let (url, names) = (try row.next(BackendURL?.self), try row.next([String].self))
    if let url {
      for _ in 0..<3 { row.skip() }
      self = .http(url, headers: names.compactMap { BackendHeaderName($0) })
    } else {
      let (status, fields) = (try row.next(Int.self), try row.next([String].self))
      let headers = stride(from: 0, to: fields.count - 1, by: 2).map {
        MockResponse.Header(name: fields[$0], value: fields[$0 + 1])
      }
      self = .mock(MockResponse(status: status, headers: headers, body: try row.next()))
    }
  }
}
