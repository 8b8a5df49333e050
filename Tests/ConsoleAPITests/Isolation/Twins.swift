import Contract
import Model
import Postgres
import TestPostgres
import Testing

/// Two tenants, one of which has everything that the other has besides what is its own: rows of the very same ids, under
/// other names; and a third, which has nothing else. Whatever forgets whose row it looks for finds three.
struct Twins: Sendable {
  let api: Harness
  /// Who asks.
  let acme: Caller
  /// Whose everything is not to be seen, not to be changed and not to be waited for.
  let globex: Caller
  /// What the one who asks has; after ``bear()`` the other has things of these ids too.
  let own: Things
  /// What only the other has.
  let foreign: Things
  /// Who has nothing until ``bear()``, and is suspended. Its id is before all others, as an index has them.
  let initech = ID<Tenant>(bits: 1)

  /// What the names of the twin's things begin with.
  static let mark = "Twin of "

  private var others: String { "'\(globex.tenant)', '\(initech)'" }

  var requests: OwnRequests { OwnRequests(things: own, slug: "acme") }

  /// Runs the API with two tenants that have some of everything.
  static func run(_ body: @escaping @Sendable (Twins) async throws -> Void) async throws {
    let name = TestDatabase.current.configuration.database ?? ""
    // Who waits for another tenant fails, instead of waiting for ever.
    for login in ["latchkey_console", "latchkey_gateway", "latchkey_owner"] {
      try await Catalogue.run("ALTER ROLE \(login) IN DATABASE \(name) SET lock_timeout = '300ms'")
    }
    // What is left of limits is asked twice, and is to be the same.
    try await Catalogue.setLedgerTime("2026-11-27T12:00:30Z")
    try await Harness.run(searchesPerMinute: 10_000) { api in
      // The stranger first, so that whoever finds both takes the stranger's.
      let (globex, acme) = (try await api.owner(of: "globex"), try await api.owner(of: "acme"))
      let foreign = try await api.things(of: globex, slug: "globex", prefix: "pumps")
      let own = try await api.things(of: acme, slug: "acme", prefix: "pets")
      for (provider, group, key) in [(acme, own, foreign), (globex, foreign, own)] {
        let answer = try await api.authorize(
          key["subscriptionKeyId"] ?? "", for: [(group["groupId"] ?? "", "online")], as: provider,
          under: group["usedLimitPolicyId"])
        try #require(answer.status == 201)
      }
      try await body(Twins(api: api, acme: acme, globex: globex, own: own, foreign: foreign))
    }
  }

  /// Gives the other tenant, and a third one, a copy of every row that the one who asks has: so that a scan finds one
  /// before and one behind its own, whichever of several is taken.
  ///
  /// A key's, a group's, a domain's and a limit policy's id are one tenant's alone, which would hide a forgotten tenant:
  /// not here.
  func bear() async throws {
    try await Catalogue.run("ALTER TABLE subscription_keys DROP CONSTRAINT subscription_keys_id_unique")
    try await Catalogue.run("ALTER TABLE api_groups DROP CONSTRAINT api_groups_id_unique")
    try await Catalogue.run("ALTER TABLE domains DROP CONSTRAINT domains_id_unique")
    try await Catalogue.run("ALTER TABLE limit_policies DROP CONSTRAINT limit_policies_id_unique")
    // Whoever is held to the other's quotas can make nothing.
    try await Catalogue.run(
      """
      SET session_replication_role = replica;
      UPDATE tenant_quotas SET subscription_keys = 0, api_groups = 0, apis = 0, authorizations = 0, domains = 0,
        limit_policies = 0
      WHERE tenant_id = '\(globex.tenant)'
      """)
    try await copyEverything(to: globex.tenant)
    for table in try await Catalogue.tables() {
      guard let column = table.tenantColumn else { continue }
      // Behind its twin, as a scan finds them.
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        UPDATE \(table.name) SET \(column) = \(column) WHERE \(column) = '\(acme.tenant)'
        """)
    }
    try await Catalogue.run(
      """
      SET session_replication_role = replica;
      INSERT INTO tenants (id, slug, name, state) VALUES ('\(initech)', 'initech', 'Tenant initech', 'suspended')
      """)
    try await copyEverything(to: initech)
    // Their limits are others, and more of them is used up.
    try await Catalogue.run(
      """
      SET session_replication_role = replica;
      UPDATE limit_policies SET mode = 'observe', per_minute = per_minute + 1
      WHERE tenant_id IN (\(others)) AND name LIKE '\(Self.mark)%';
      UPDATE limit_counters SET spent = spent + 7
      WHERE tenant_id IN (\(others)) AND group_id = '\(own["groupId"] ?? "")';
      UPDATE limit_leases SET amount = amount + 3
      WHERE tenant_id IN (\(others)) AND group_id = '\(own["groupId"] ?? "")'
      """)
    // There is one key of an id to whoever was told it.
    try await Catalogue.run(
      """
      SET session_replication_role = replica;
      UPDATE subscription_keys SET deleted_at = now()
      WHERE tenant_id <> '\(acme.tenant)' AND name LIKE '\(Self.mark)%'
      """)
  }

  private func copyEverything(to tenant: ID<Tenant>) async throws {
    for table in try await Catalogue.tables() {
      guard let column = table.tenantColumn, table.name != "tenants" else { continue }
      let columns = try await Catalogue.columns(of: table).joined(separator: ", ")
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        INSERT INTO \(table.name) (\(columns))
        SELECT \(columns)
        FROM (
          SELECT (jsonb_populate_record(
            r, replace(to_jsonb(r)::text, '\(acme.tenant)', '\(tenant)')::jsonb || (\(differences(table, tenant))))).*
          FROM \(table.name) r
          WHERE r.\(column) = '\(acme.tenant)') twin
        ON CONFLICT DO NOTHING
        """)
    }
  }

  /// What is not as in the row `r` that is copied: names and the like, and digests, of which there is one in all.
  private func differences(_ table: CataloguedTable, _ tenant: ID<Tenant>) -> String {
    """
    SELECT coalesce(jsonb_object_agg(a.attname, CASE
      WHEN a.atttypid = 'bytea'::regtype
        THEN '\\x' || encode(sha256(convert_to('\(tenant)' || (to_jsonb(r) ->> a.attname), 'UTF8')), 'hex')
      ELSE '\(Self.mark)' || (to_jsonb(r) ->> a.attname) END), '{}')
    FROM pg_attribute a
    WHERE a.attrelid = '\(table.name)'::regclass AND a.attnum > 0 AND to_jsonb(r) ->> a.attname IS NOT NULL
      AND (a.attname IN ('name', 'description', 'note')
        OR a.atttypid = 'bytea'::regtype AND EXISTS (
          SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey)))
    """
  }

  /// All that the others have, a text for each table.
  func strangers() async throws -> [String: String] {
    var texts: [String: String] = [:]
    for table in try await Catalogue.tables() {
      guard let column = table.tenantColumn else { continue }
      let rows = try await Catalogue.texts(
        "SELECT to_jsonb(r)::text FROM \(table.name) r WHERE r.\(column) IN (\(others)) ORDER BY 1")
      texts[table.name] = rows.joined(separator: "\n")
    }
    return texts
  }

  /// Runs `body` while somebody holds every row of the others, and sees to it that none has changed then.
  func leavingStrangersAlone(_ body: () async throws -> Void) async throws {
    let before = try await strangers()
    try await api.database.transaction { transaction in
      for table in try await Catalogue.tables() {
        guard let column = table.tenantColumn else { continue }
        _ = try await transaction.run(
          DynamicSQL.texts(
            "SELECT '' FROM \(table.name) WHERE \(column) IN (\(others)) FOR NO KEY UPDATE"))
      }
      try await body()
    }
    let after = try await strangers()
    for table in before.keys { #expect(after[table] == before[table], "\(table) of another tenant was changed") }
  }
}
