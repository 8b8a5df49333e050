import Contract
import FoundationEssentials
import Logging
import Model
import Store
import TestPostgres
import Testing

@testable import Postgres

/// A page costs what is on it, however much the tenant has: as many blocks as the budget says, under row-level security.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(2)))
struct ListBudgetTests {
  @Test func readsNoMoreThanAPage() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await api.fill(owner)
      let position = Position<Account>(createdAt: .now, id: .random())
      try await budget(60, Accounts.list(after: nil, limit: 51, in: owner.tenant), owner)
      try await budget(60, Accounts.list(after: position, limit: 51, in: owner.tenant), owner)
      try await budget(60, AccessTokens.list(of: nil, after: nil, limit: 51, in: owner.tenant), owner)
      // Each on a block of its own.
      try await budget(
        120, AccessTokens.list(of: owner.account, after: nil, limit: 51, in: owner.tenant), owner)
      try await budget(
        120,
        Sessions.list(
          of: owner.account, current: SecretDigest(hashing: owner.token), after: nil, limit: 51, in: owner.tenant),
        owner)
      let any = Domain.Filter(host: nil, group: nil, environment: nil, state: nil)
      try await budget(230, Domains.list(any, after: nil, limit: 51, in: owner.tenant), owner)
      try await budget(30, Accounts.lockOwners(in: owner.tenant), owner)
    }
  }

  /// Explains a statement, as the console's login and for the caller's tenant, and counts the blocks that it touched.
  private func budget<Result>(_ blocks: Int, _ statement: Statement<Result>, _ caller: Caller) async throws {
    let plan = Query<String>(
      "test.explain",
      SQL(text: "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement.sql.text, parameters: statement.sql.parameters))
    var configuration = TestDatabase.current.configuration.replacing(user: "latchkey_console")
    configuration.maximumConnections = 1
    let text = try await PostgresPool.withPool(configuration, logger: Logger(label: "test")) { pool in
      try await pool.pipeline(settings: ["latchkey.tenant_id": caller.tenant.description], plan.only)
    }
    let root = try JSONValue(parsing: Array(text.utf8)).elements?.first?["Plan"]
    guard case .integer(let hit) = root?["Shared Hit Blocks"], case .integer(let read) = root?["Shared Read Blocks"]
    else {
      Issue.record("\(statement.name): \(text)")
      return
    }
    #expect(hit + read <= blocks, "\(statement.name): \(text)")
  }
}

extension Harness {
  /// Many of everything that accounts have, in this tenant and in another.
  fileprivate func fill(_ owner: Caller) async throws {
    let other = try await self.owner(of: "initech")
    for (tenant, account) in [(owner.tenant, owner.account), (other.tenant, other.account)] {
      // Without triggers: it is not the audit's speed that is looked at.
      try await database.pipeline(
        settings: ["session_replication_role": "replica"],
        Self.accounts(of: tenant), Self.tokens(of: account, in: tenant), Self.sessions(of: account, in: tenant),
        Self.groups(of: tenant), Self.domains(of: tenant))
    }
    try await database.execute(Query<Void>("test.analyze", "ANALYZE"))
  }
  private static func accounts(of tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "test.fill_accounts",
      """
      INSERT INTO accounts (tenant_id, id, email, name, role, created_at)
      SELECT \(tenant), 'acc_' || lpad(i::text, 26, '0'), 'a' || i || '@a.example', 'A', 'viewer',
        now() - i * interval '1 second'
      FROM generate_series(1, 20000) i
      """
    ).affected
  }

  private static func groups(of tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "test.fill_groups",
      """
      INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode)
      SELECT \(tenant), 'grp_' || lpad(i::text, 22, '0') || right(\(tenant), 4), 'G', 'g' || i, 'open'
      FROM generate_series(1, 1000) i
      """
    ).affected
  }

  private static func domains(of tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "test.fill_domains",
      """
      INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token, created_at)
      SELECT \(tenant), 'dom_' || lpad(i::text, 22, '0') || right(\(tenant), 4), 'h' || i || '.example',
        'grp_' || lpad((1 + i % 1000)::text, 22, '0') || right(\(tenant), 4), 'online',
        'dvt_' || lpad(i::text, 26, '0'), now() - i * interval '1 second'
      FROM generate_series(1, 20000) i
      """
    ).affected
  }

  private static func tokens(of account: ID<Account>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "test.fill_tokens",
      """
      INSERT INTO access_tokens (tenant_id, id, account_id, name, role, digest, prefix, created_at)
      SELECT \(tenant), 'pat_' || lpad(i::text, 26, '0'),
        CASE WHEN i % 200 = 0 THEN \(account) ELSE 'acc_' || lpad((1 + i % 20000)::text, 26, '0') END,
        'T', 'viewer', sha256(convert_to(\(tenant) || i, 'UTF8')), 'lkt_00000', now() - i * interval '1 second'
      FROM generate_series(1, 20000) i
      """
    ).affected
  }

  private static func sessions(of account: ID<Account>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "test.fill_sessions",
      """
      INSERT INTO sessions (tenant_id, id, account_id, token_digest, expires_at, created_at)
      SELECT \(tenant), 'ssn_' || lpad(i::text, 26, '0'),
        CASE WHEN i % 200 = 0 THEN \(account) ELSE 'acc_' || lpad((1 + i % 20000)::text, 26, '0') END,
        sha256(convert_to(\(tenant) || i, 'UTF8')), now() + interval '1 day', now() - i * interval '1 second'
      FROM generate_series(1, 20000) i
      """
    ).affected
  }
}
