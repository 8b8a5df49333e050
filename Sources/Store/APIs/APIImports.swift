package import Model
package import Postgres

/// An API of a draft as an import finds it.
package struct FoundAPI: Sendable {
  package let id: ID<API>
  package let name: DisplayName
  package let description: Remark?
  package let pattern: APIPattern
}

/// Statements about many APIs of a draft at once.
package enum APIImports {
  /// Every API of a draft.
  package static func all(of group: ID<APIGroup>, in tenant: ID<Tenant>) -> Statement<[FoundAPI]> {
    Query(
      "api_import.list",
      """
      SELECT id, name, description, method, path, match
      FROM apis
      WHERE tenant_id = \(tenant) AND group_id = \(group)
      ORDER BY id
      """
    ) { row in
      FoundAPI(
        id: try row.next(), name: try row.next(), description: try row.next(), pattern: try row.nextPattern())
    }.all
  }

  /// Adds APIs, none of which takes the calls of another. Gives how many it were.
  package static func insert(
    _ drafts: [API.Draft], into group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    let rows = Columns(drafts)
    return Query<Void>(
      "api_import.insert",
      """
      INSERT INTO apis (tenant_id, group_id, id, name, description, method, path, match)
      SELECT \(tenant), \(group), d.id, d.name, nullif(d.description, ''), d.method, d.path, d.match
      FROM unnest(
        \(drafts.map { _ in ID<API>.random().description })::text[], \(rows.names)::text[],
        \(rows.descriptions)::text[], \(rows.methods)::text[], \(rows.paths)::text[], \(rows.matches)::text[]
      ) AS d (id, name, description, method, path, match)
      """
    ).affected
  }

  /// Changes APIs of a draft, each to the draft at its place. Gives how many it were.
  package static func update(
    _ ids: [ID<API>], to drafts: [API.Draft], in tenant: ID<Tenant>
  ) -> Statement<Int> {
    let rows = Columns(drafts)
    return Query<Void>(
      "api_import.update",
      """
      UPDATE apis a
      SET name = d.name, description = nullif(d.description, ''), path = d.path, updated_at = clock_timestamp()
      FROM unnest(
        \(ids.map(\.description))::text[], \(rows.names)::text[], \(rows.descriptions)::text[], \(rows.paths)::text[]
      ) AS d (id, name, description, path)
      WHERE a.tenant_id = \(tenant) AND a.id = d.id
      """
    ).affected
  }
}

/// Drafts column by column; no description is an empty one.
private struct Columns {
  let names, descriptions, methods, paths, matches: [String]

  init(_ drafts: [API.Draft]) {
    names = drafts.map(\.name.description)
    descriptions = drafts.map { $0.description?.description ?? "" }
    methods = drafts.map(\.pattern.method.rawValue)
    paths = drafts.map(\.pattern.path.description)
    matches = drafts.map(\.pattern.match.rawValue)
  }
}
