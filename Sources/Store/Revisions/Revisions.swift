package import Model
package import Postgres

/// Statements about revisions.
package enum Revisions {
  /// Freezes the draft of a group as it is at this moment: a statement sees one state of it. Nothing if the group does
  /// not exist or its draft is empty.
  package static func insert(
    _ draft: Revision.Draft, id: ID<Revision>, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<[Revision.Contents]> {
    Query<Void>(
      "revision.insert",
      """
      WITH draft AS (
        SELECT id, name, description, method, path, match
        FROM apis
        WHERE tenant_id = \(tenant) AND group_id = \(group)
      ), inserted AS (
        INSERT INTO revisions (tenant_id, group_id, id, version, note, api_count)
        SELECT g.tenant_id, g.id, \(id), \(draft.version), \(draft.note), (SELECT count(*) FROM draft)
        FROM api_groups g
        WHERE g.tenant_id = \(tenant) AND g.id = \(group) AND EXISTS (SELECT FROM draft)
        FOR KEY SHARE OF g
        RETURNING tenant_id, id, version, note, created_at
      ), frozen AS (
        INSERT INTO revision_apis (tenant_id, revision_id, api_id, name, description, method, path, match)
        SELECT i.tenant_id, i.id, d.id, d.name, d.description, d.method, d.path, d.match
        FROM inserted i
        CROSS JOIN draft d
        RETURNING api_id, name, description, method, path, match
      )
      SELECT i.id, i.version, i.note, count(*) OVER (), i.created_at,
        f.api_id, f.name, f.description, f.method, f.path, f.match
      FROM inserted i
      CROSS JOIN frozen f
      ORDER BY f.path, f.method, f.match
      """
    ).fold(into: [], Revision.Contents.append)
  }

  package static func find(
    _ id: ID<Revision>, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<[Revision.Contents]> {
    Query<Void>(
      "revision.find",
      """
      SELECT r.id, r.version, r.note, count(*) OVER (), r.created_at,
        f.api_id, f.name, f.description, f.method, f.path, f.match
      FROM revisions r
      JOIN revision_apis f ON f.tenant_id = r.tenant_id AND f.revision_id = r.id
      WHERE r.tenant_id = \(tenant) AND r.id = \(id) AND r.group_id = \(group)
      ORDER BY f.path, f.method, f.match
      """
    ).fold(into: [], Revision.Contents.append)
  }

  package static func find(
    version: RevisionVersion, of group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<Revision?> {
    Query(
      "revision.find_by_version",
      """
      SELECT id, version, note, api_count, created_at
      FROM revisions
      WHERE tenant_id = \(tenant) AND group_id = \(group) AND version = \(version)
      """
    ) { row in try Revision(row: &row) }.first
  }

  /// At least the first `limit` revisions, newest first. By a text, it looks at each of the group's until the page is full.
  package static func list(
    of group: ID<APIGroup>, _ filter: Revision.Filter, after position: Position<Revision>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[Revision]> {
    var narrowing = Narrowing()
    narrowing.add("text", filter.text.map { $0.isFound(in: "r.version, r.note, r.id") })
    narrowing.add("after", position.map { "AND (r.created_at, r.id) < (\($0.createdAt), \($0.id))" })
    let rows = narrowing.rows(limit)
    return Query(
      "revision.list",
      """
      SELECT r.id, r.version, r.note, r.api_count, r.created_at
      FROM revisions r
      WHERE r.tenant_id = \(tenant) AND r.group_id = \(group)
        \(narrowing.conditions)
      ORDER BY r.created_at DESC, r.id DESC
      LIMIT \(rows)
      """
    ) { row in try Revision(row: &row) }.variant(narrowing.names).all
  }
}

extension Revision {
  /// Reads `id, version, note, count, created_at`.
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), version: try row.next(), note: try row.next(), apiCount: try row.next(),
      createdAt: try row.next())
  }
}

extension Revision.Contents {
  /// Reads one API of the revision, with the revision's columns before the API's.
  @Sendable
  fileprivate static func append(to contents: inout [Revision.Contents], row: inout Row) throws {
    let revision = try Revision(row: &row)
    if contents.isEmpty { contents.append(Revision.Contents(revision: revision, apis: [])) }
    contents[0].apis.append(
      Revision.FrozenAPI(
        id: try row.next(), name: try row.next(), description: try row.next(), pattern: try row.nextPattern()))
  }
}
