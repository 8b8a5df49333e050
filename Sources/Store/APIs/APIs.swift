package import Model
package import Postgres

/// Statements about the APIs of groups' drafts.
package enum APIs {
  /// Adds an API to a group that exists and has none that takes the same calls; else nothing. The group cannot be deleted
  /// meanwhile.
  package static func insert(
    _ draft: API.Draft, id: ID<API>, into group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<API?> {
    Query(
      "api.insert",
      """
      INSERT INTO apis (tenant_id, group_id, id, name, description, method, path, match)
      SELECT g.tenant_id, g.id, \(id), \(draft.name), \(draft.description), \(draft.pattern.method),
        \(draft.pattern.path), \(draft.pattern.match)
      FROM api_groups g
      WHERE g.tenant_id = \(tenant) AND g.id = \(group)
      FOR KEY SHARE
      ON CONFLICT (tenant_id, group_id, method, api_shape(path), match) DO NOTHING
      RETURNING id, name, description, method, path, match, created_at, updated_at
      """
    ) { row in try API(row: &row) }.first
  }

  package static func find(
    _ id: ID<API>, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<API?> {
    Query(
      "api.find",
      """
      SELECT id, name, description, method, path, match, created_at, updated_at
      FROM apis
      WHERE tenant_id = \(tenant) AND id = \(id) AND group_id = \(group)
      """
    ) { row in try API(row: &row) }.first
  }

  /// At least the first `limit` APIs; by name is by path.
  ///
  /// By a text, it looks at each API of the draft until the page is full.
  package static func list(
    of group: ID<APIGroup>, _ filter: API.Filter, _ order: ListOrder = .newest, after position: Position<API>?,
    limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[API]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order, exactly: "path")
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add("text", filter.text.map { $0.isFound(in: "method || ' ' || path, name, description, id") })
    let rows = narrowing.rows(limit)
    return Query(
      "api.list",
      """
      SELECT id, name, description, method, path, match, created_at, updated_at
      FROM apis
      WHERE tenant_id = \(tenant) AND group_id = \(group)
        \(narrowing.conditions)
      ORDER BY \(rowOrder.clause())
      LIMIT \(rows)
      """
    ) { row in try API(row: &row) }.variant(narrowing.names).all
  }

  /// Changes an API that is of an expected version; else nothing.
  package static func update(
    _ id: ID<API>, of group: ID<APIGroup>, to changes: API.Changes, expecting version: ExpectedVersion,
    in tenant: ID<Tenant>
  ) -> Statement<API?> {
    Query(
      "api.update",
      """
      UPDATE apis
      SET name = coalesce(\(changes.name), name),
        description = CASE WHEN \(changes.description.isChange)
          THEN \(changes.description.value) ELSE description END,
        method = coalesce(\(changes.method), method),
        path = coalesce(\(changes.path), path),
        match = coalesce(\(changes.match), match),
        updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id) AND group_id = \(group)
        AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
      RETURNING id, name, description, method, path, match, created_at, updated_at
      """
    ) { row in try API(row: &row) }.first
  }

  /// The API of a group that takes the same calls as a pattern.
  package static func find(
    takingCallsOf pattern: APIPattern, in group: ID<APIGroup>, of tenant: ID<Tenant>
  ) -> Statement<API?> {
    Query(
      "api.find_by_shape",
      """
      SELECT id, name, description, method, path, match, created_at, updated_at
      FROM apis
      WHERE tenant_id = \(tenant) AND group_id = \(group) AND method = \(pattern.method)
        AND api_shape(path) = api_shape(\(pattern.path)) AND match = \(pattern.match)
      """
    ) { row in try API(row: &row) }.first
  }

  /// The other API of the group that takes the same calls as one would after these changes.
  package static func find(
    inTheWayOf changes: API.Changes, to id: ID<API>, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<API?> {
    Query(
      "api.find_in_the_way",
      """
      SELECT o.id, o.name, o.description, o.method, o.path, o.match, o.created_at, o.updated_at
      FROM apis a
      JOIN apis o ON o.tenant_id = a.tenant_id AND o.group_id = a.group_id AND o.id <> a.id
        AND o.method = coalesce(\(changes.method), a.method)
        AND api_shape(o.path) = api_shape(coalesce(\(changes.path), a.path))
        AND o.match = coalesce(\(changes.match), a.match)
      WHERE a.tenant_id = \(tenant) AND a.group_id = \(group) AND a.id = \(id)
      """
    ) { row in try API(row: &row) }.first
  }

  /// Gives how many it was, 0 or 1.
  package static func delete(_ id: ID<API>, of group: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "api.delete",
      "DELETE FROM apis WHERE tenant_id = \(tenant) AND id = \(id) AND group_id = \(group)"
    ).affected
  }
}

extension API {
  /// Reads `id, name, description, method, path, match, created_at, updated_at`.
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), name: try row.next(), description: try row.next(), pattern: try row.nextPattern(),
      createdAt: try row.next(), updatedAt: try row.next())
  }
}
