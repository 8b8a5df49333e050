import FoundationEssentials
package import Model
package import Postgres

/// Statements about API groups.
package enum APIGroups {
  /// What is shown of a group, and its tenant.
  private static let columns: SQL = """
    tenant_id, id, name, description, prefix, access_mode, key_headers, access_mode_test, access_mode_preview, \
    access_mode_online, limit_policy_test, limit_policy_preview, limit_policy_online, cors_origins, cors_methods, \
    cors_headers, cors_exposed_headers, cors_credentials, cors_max_age, created_at, updated_at
    """

  /// The same of `g`, as ``Model/APIGroup`` is read, with the slug of its tenant `t`.
  private static let shown: SQL = """
    t.slug, g.id, g.name, g.description, g.prefix, g.access_mode, g.key_headers, g.access_mode_test, \
    g.access_mode_preview, g.access_mode_online, \(limitPolicy("g.limit_policy_test")), \
    \(limitPolicy("g.limit_policy_preview")), \(limitPolicy("g.limit_policy_online")), g.cors_origins, \
    g.cors_methods, g.cors_headers, g.cors_exposed_headers, g.cors_credentials, g.cors_max_age, g.created_at, \
    g.updated_at
    """

  /// A policy of the group `g` with its name.
  private static func limitPolicy(_ id: SQL) -> SQL {
    "\(id), (SELECT l.name FROM limit_policies l WHERE l.tenant_id = g.tenant_id AND l.id = \(id))"
  }

  /// Beside a group `g`: its tenant `t`, and what is live of it, deployments `d` with their revisions `r`.
  private static let withLive: SQL = """
    JOIN tenants t ON t.id = g.tenant_id
    LEFT JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.ended_at IS NULL
    LEFT JOIN revisions r ON r.tenant_id = d.tenant_id AND r.id = d.revision_id
    """

  package static func insert(
    _ draft: APIGroup.Draft, id: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<APIGroup> {
    let cors = draft.cors.map(StoredCORSPolicy.init)
    return Query(
      "api_group.insert",
      """
      WITH inserted AS (
        INSERT INTO api_groups (tenant_id, id, name, description, prefix, access_mode, key_headers, cors_origins,
          cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age)
        VALUES (\(tenant), \(id), \(draft.name), \(draft.description), \(draft.prefix), \(draft.accessMode),
          \(draft.keyHeaders.map(\.description)), \(cors?.origins), \(cors?.methods), \(cors?.headers),
          \(cors?.exposedHeaders), \(cors?.credentials), \(cors?.maxAge))
        RETURNING \(columns)
      )
      SELECT \(shown)
      FROM inserted g
      JOIN tenants t ON t.id = \(tenant)
      """
    ) { row in try APIGroup(row: &row) }.only
  }

  package static func find(_ id: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<[APIGroup]> {
    Query<Void>(
      "api_group.find",
      """
      SELECT \(shown), d.environment, d.id, r.version
      FROM api_groups g
      \(withLive)
      WHERE g.tenant_id = \(tenant) AND g.id = \(id)
      """
    ).fold(into: [], APIGroup.append)
  }

  /// Those of these that there are, in no order.
  package static func find(all ids: Set<ID<APIGroup>>, in tenant: ID<Tenant>) -> Statement<[APIGroup]> {
    Query<Void>(
      "api_group.find_all",
      """
      SELECT \(shown), d.environment, d.id, r.version
      FROM api_groups g
      \(withLive)
      WHERE g.tenant_id = \(tenant) AND g.id = ANY (\(ids.map(\.description)))
      ORDER BY g.id
      """
    ).fold(into: [], APIGroup.append)
  }

  /// At least the first `limit` groups.
  ///
  /// By a text or a policy, it looks at each of the tenant's groups until the page is full, of which a quota keeps there being many.
  package static func list(
    _ filter: APIGroup.Filter, _ order: ListOrder = .newest, after position: Position<APIGroup>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[APIGroup]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add(
      "policy",
      filter.limitPolicy.map { "AND \($0) IN (limit_policy_test, limit_policy_preview, limit_policy_online)" })
    narrowing.add("text", filter.text.map { $0.isFound(in: "name, description, prefix, id") })
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "api_group.list",
      """
      WITH page AS (
        SELECT \(columns), sort_name
        FROM api_groups
        WHERE tenant_id = \(tenant)
          \(narrowing.conditions)
        ORDER BY \(rowOrder.clause())
        LIMIT \(rows)
      )
      SELECT \(shown), d.environment, d.id, r.version
      FROM page g
      \(withLive)
      ORDER BY \(rowOrder.clause("g."))
      """
    ).variant(narrowing.names).fold(into: [], APIGroup.append)
  }

  /// The group's policy, which nobody else changes until the transaction ends; nothing where there is no group.
  package static func lockPolicy(of id: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<[CORSPolicy?]> {
    Query<CORSPolicy?>(
      "api_group.lock_policy",
      """
      SELECT cors_origins, cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age
      FROM api_groups
      WHERE tenant_id = \(tenant) AND id = \(id)
      FOR UPDATE
      """
    ) { row in try row.nextCORSPolicy() }.all
  }

  /// Changes a group that is of an expected version; else nothing.
  ///
  /// - Parameter policy: what the changes come to of the group's policy.
  package static func update(
    _ id: ID<APIGroup>, to changes: APIGroup.Changes, policy: Change<CORSPolicy>, expecting version: ExpectedVersion,
    in tenant: ID<Tenant>
  ) -> Statement<[APIGroup]> {
    let (cors, isCORSChange) = (policy.value.map(StoredCORSPolicy.init), policy.isChange)
    return Query<Void>(
      "api_group.update",
      """
      WITH updated AS (
        UPDATE api_groups
        SET name = coalesce(\(changes.name), name),
          description = CASE WHEN \(changes.description.isChange)
            THEN \(changes.description.value) ELSE description END,
          prefix = coalesce(\(changes.prefix), prefix),
          access_mode = coalesce(\(changes.accessMode), access_mode),
          key_headers = CASE WHEN \(changes.keyHeaders.isChange)
            THEN coalesce(\(changes.keyHeaders.value?.map(\.description)), '{}') ELSE key_headers END,
          cors_origins = CASE WHEN \(isCORSChange) THEN \(cors?.origins) ELSE cors_origins END,
          cors_methods = CASE WHEN \(isCORSChange) THEN \(cors?.methods) ELSE cors_methods END,
          cors_headers = CASE WHEN \(isCORSChange) THEN \(cors?.headers) ELSE cors_headers END,
          cors_exposed_headers = CASE WHEN \(isCORSChange) THEN \(cors?.exposedHeaders) ELSE cors_exposed_headers END,
          cors_credentials = CASE WHEN \(isCORSChange) THEN \(cors?.credentials) ELSE cors_credentials END,
          cors_max_age = CASE WHEN \(isCORSChange) THEN \(cors?.maxAge) ELSE cors_max_age END,
          updated_at = clock_timestamp()
        WHERE tenant_id = \(tenant) AND id = \(id)
          AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
        RETURNING \(columns)
      )
      SELECT \(shown), d.environment, d.id, r.version
      FROM updated g
      \(withLive)
      """
    ).fold(into: [], APIGroup.append)
  }

  /// Changes a group in an environment, if the group is of an expected version; else nothing. Takes it from under its
  /// policy if the one given is not this tenant's.
  package static func update(
    _ environment: DeploymentEnvironment, of id: ID<APIGroup>, to changes: APIGroup.EnvironmentChanges,
    expecting version: ExpectedVersion, in tenant: ID<Tenant>
  ) -> Statement<[APIGroup]> {
    let (mode, isChange) = (changes.accessMode.value, changes.accessMode.isChange)
    let isPolicyChange = changes.limitPolicy.isChange
    return Query<Void>(
      "api_group.update_environment",
      """
      WITH policy AS (
        SELECT l.id FROM limit_policies l WHERE l.tenant_id = \(tenant) AND l.id = \(changes.limitPolicy.value?.text)
      ), updated AS (
        UPDATE api_groups
        SET access_mode_test = CASE WHEN \(isChange) AND \(environment) = 'test'
            THEN \(mode) ELSE access_mode_test END,
          access_mode_preview = CASE WHEN \(isChange) AND \(environment) = 'preview'
            THEN \(mode) ELSE access_mode_preview END,
          access_mode_online = CASE WHEN \(isChange) AND \(environment) = 'online'
            THEN \(mode) ELSE access_mode_online END,
          limit_policy_test = CASE WHEN \(isPolicyChange) AND \(environment) = 'test'
            THEN (SELECT id FROM policy) ELSE limit_policy_test END,
          limit_policy_preview = CASE WHEN \(isPolicyChange) AND \(environment) = 'preview'
            THEN (SELECT id FROM policy) ELSE limit_policy_preview END,
          limit_policy_online = CASE WHEN \(isPolicyChange) AND \(environment) = 'online'
            THEN (SELECT id FROM policy) ELSE limit_policy_online END,
          updated_at = clock_timestamp()
        WHERE tenant_id = \(tenant) AND id = \(id)
          AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
        RETURNING \(columns)
      )
      SELECT \(shown), d.environment, d.id, r.version
      FROM updated g
      \(withLive)
      """
    ).fold(into: [], APIGroup.append)
  }

  /// Waits for and keeps others from releasing, authorizing and changing the group until the transaction ends. Gives
  /// whether it exists.
  package static func lock(_ id: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<Bool> {
    Query<Void>(
      "api_group.lock",
      "SELECT FROM api_groups WHERE tenant_id = \(tenant) AND id = \(id) FOR UPDATE"
    ).fold(into: false) { found, _ in found = true }
  }

  /// Keeps a group that something is to refer to from being deleted until the transaction ends. Gives whether it exists;
  /// nil refers to none, which does not.
  package static func lockForReference(_ group: Reference<APIGroup>?, in tenant: ID<Tenant>) -> Statement<Bool> {
    Query<Void>(
      "api_group.lock_for_reference",
      "SELECT FROM api_groups WHERE tenant_id = \(tenant) AND id = \(group?.text) FOR KEY SHARE"
    ).fold(into: false) { found, _ in found = true }
  }

  package static func exists(_ id: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<Bool> {
    Query<Bool>(
      "api_group.exists",
      "SELECT EXISTS (SELECT FROM api_groups WHERE tenant_id = \(tenant) AND id = \(id))"
    ).only
  }

  /// Deletes a group with its APIs, revisions and deployments, and takes it out of every authorization.
  package static func delete(_ id: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "api_group.delete",
      "DELETE FROM api_groups WHERE tenant_id = \(tenant) AND id = \(id)"
    ).affected
  }
}

extension APIGroup {
  /// Reads `slug, id, name, description, prefix, access_mode, key_headers`, the access modes and the limit policies of the
  /// environments, the CORS policy, `created_at, updated_at`: a group of which nothing is live.
  fileprivate init(row: inout Row) throws {
    let slug = try row.next(Slug.self)
    let (id, name, description) = (
      try row.next(ID<APIGroup>.self), try row.next(DisplayName.self), try row.next(Remark?.self)
    )
    let (prefix, accessMode) = (try row.next(Slug.self), try row.next(AccessMode.self))
    let keyHeaders = try row.next([String].self).compactMap { KeyHeaderName($0) }
    let own = try DeploymentEnvironment.allCases.map { ($0, try row.next(AccessMode?.self)) }
    let limitPolicies = try own.map { _ in try row.nextLimitPolicy() }
    let cors = try row.nextCORSPolicy()
    let (createdAt, updatedAt) = (try row.next(Date.self), try row.next(Date.self))
    self.init(
      id: id, name: name, description: description, prefix: prefix, accessMode: accessMode, keyHeaders: keyHeaders,
      cors: cors,
      environments: zip(own, limitPolicies).map { own, limitPolicy in
        Environment(
          environment: own.0, path: "/\(slug)/\(own.0.rawValue)/\(prefix)", accessMode: own.1,
          effectiveAccessMode: own.1 ?? accessMode, limitPolicy: limitPolicy, version: nil, deployment: nil,
          updatedAt: updatedAt)
      },
      createdAt: createdAt, updatedAt: updatedAt)
  }

  /// Reads a group and, behind it, `environment, id, version` of a live deployment of it, or nulls. The rows of one
  /// group follow each other.
  @Sendable
  fileprivate static func append(to groups: inout [APIGroup], row: inout Row) throws {
    let group = try APIGroup(row: &row)
    if groups.last?.id != group.id { groups.append(group) }
    guard let environment = try row.next(DeploymentEnvironment?.self),
      let place = group.environments.firstIndex(where: { $0.environment == environment })
    else { return }
    groups[groups.count - 1].environments[place].deployment = try row.next()
    groups[groups.count - 1].environments[place].version = try row.next()
  }
}
