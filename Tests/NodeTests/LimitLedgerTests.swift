import Logging
import Metering
import Model
import Postgres
import TestPostgres
import Testing

@testable import Node

/// Limits over several nodes, with the ledger in the database.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct LimitLedgerTests {
  private let installation = Installation()

  /// A node's side of the ledger.
  fileprivate struct LimitedNode: Sendable {
    var allowances = Allowances()
    let call: LimitedCall

    /// The same node where another policy is in force.
    func under(_ policy: PublishedLimits, _ installation: Installation) -> LimitedNode {
      LimitedNode(
        allowances: allowances,
        call: LimitedCall(
          provider: installation.provider, group: installation.group, environment: .online, shared: policy,
          key: installation.key, own: nil)!)
    }

    /// Whether a call is let through, which waits as long as it takes.
    func admits() async -> Bool {
      while true {
        switch allowances.take(call, mayWait: true, at: .now()) {
        case .admitted: return true
        case .refused(let refusal) where refusal.reason == .usedUp: return false
        case .refused: await Task.yield()
        case .unknown(let waiting):
          await withCheckedContinuation { continuation in
            allowances.wait(waiting) { continuation.resume() }
          }
        }
      }
    }
  }

  /// Lends nodes that share a limit, of all callers of the installation's group or of its key.
  private func withNodes(
    _ count: Int, _ requests: Int, per period: LimitPeriod, ofKey: Bool = false,
    _ body: ([LimitedNode], PostgresPool) async throws -> Void
  ) async throws {
    let test = TestDatabase.current
    let logger = Logger(label: "test")
    try await test.withPool { database in
      try await installation.create(on: database)
      try await installation.limit(requests, per: period, ofKey: ofKey, on: database)
      let policy = PublishedLimits(
        id: installation.policy, mode: .enforce, limits: [LimitPolicy.Limit(requests: requests, period: period)])
      let call = LimitedCall(
        provider: installation.provider, group: installation.group, environment: .online,
        shared: ofKey ? nil : policy, key: installation.key, own: ofKey ? policy : nil)!
      let nodes = (0..<count).map { _ in LimitedNode(call: call) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for node in nodes {
          group.addTask {
            try await test.withPool(user: "latchkey_gateway", maximumConnections: 1) { pool in
              let listener = PostgresListener(
                test.configuration.replacing(user: "latchkey_gateway"), channels: [LimitLedger.channel],
                logger: logger)
              let ledger = LimitLedger(of: node.allowances, in: pool, recalledBy: listener, logger: logger)
              await withTaskGroup(of: Void.self) { services in
                services.addTask { try? await listener.run() }
                services.addTask { try? await ledger.run() }
              }
            }
          }
        }
        try await body(nodes, database)
        group.cancelAll()
      }
    }
  }

  private func admitted(_ nodes: [LimitedNode], clients: Int, callsOfEach: Int = 1) async -> Int {
    await withTaskGroup(of: Int.self) { group in
      for client in 0..<clients {
        group.addTask {
          var admitted = 0
          for _ in 0..<callsOfEach where await nodes[client % nodes.count].admits() { admitted += 1 }
          return admitted
        }
      }
      return await group.reduce(0, +)
    }
  }

  @Test(arguments: [LimitPeriod.hour, .day, .month], [false, true])
  func letsThroughExactlyTheLimitOverAllNodes(period: LimitPeriod, ofKey: Bool) async throws {
    try await withNodes(3, 100, per: period, ofKey: ofKey) { nodes, _ in
      // A window may end meanwhile, and another begin.
      let admitted = await admitted(nodes, clients: 300)
      #expect(admitted == 100 || admitted == 200)
    }
  }

  @Test func givesOneNodeWhatOthersHoldIdle() async throws {
    try await withNodes(3, 40, per: .month) { nodes, _ in
      #expect(await admitted(nodes, clients: 3) == 3)
      #expect(await admitted([nodes[0]], clients: 50) == 37)
    }
  }

  @Test func accountsForAllThatWasGranted() async throws {
    try await withNodes(2, 1_000, per: .month) { nodes, database in
      #expect(await admitted(nodes, clients: 20, callsOfEach: 10) == 200)
      try await eventually {
        let (spent, leased, held) = try await installation.counters(on: database)
        return spent == 200 && leased == held
      }
    }
  }

  /// Whatever a node that died held may have been let through.
  @Test func countsAsSpentWhatADeadNodeHeld() async throws {
    try await withNodes(1, 10, per: .month) { nodes, database in
      try await database.execute(
        Query<Void>(
          "test.dead",
          """
          SELECT lease_limits('gwn_dead', ARRAY[\(installation.provider.description)],
            ARRAY[\(installation.group.description)], '{online}', '{""}', '{month}', '{0}', '{0}', '{0}', '{4}', '{0}')
          """))
      let admitted = await admitted(nodes, clients: 6)
      #expect(admitted == 6)
      guard case .refused = nodes[0].allowances.take(nodes[0].call, mayWait: false, at: .now()) else {
        Issue.record("let through what another may have let through")
        return
      }
    }
  }

  @Test func keepsCountsWhenTheLimitChanges() async throws {
    try await withNodes(1, 10, per: .month) { nodes, database in
      #expect(await admitted(nodes, clients: 8) == 8)
      try await installation.changeLimit(to: 12, on: database)
      let changed = nodes[0].under(
        PublishedLimits(
          id: installation.policy, mode: .enforce, limits: [LimitPolicy.Limit(requests: 12, period: .month)]),
        installation)
      #expect(await admitted([changed], clients: 20) == 4)
    }
  }

  /// The clock of the database is moved by moving what it is held against.
  @Test func aClockSetBackBeginsNoWindowAnew() async throws {
    try await withNodes(1, 10, per: .hour) { nodes, database in
      #expect(await admitted(nodes, clients: 10) == 10)
      try await eventually { try await installation.counters(on: database).spent == 10 }
      try await database.execute(
        Query<Void>("test.back", "UPDATE limit_counters SET starts_at = starts_at + interval '1 hour'"))
      #expect(await admitted(nodes, clients: 1) == 0)
    }
  }

  @Test func givesBackWhatIsLeftWhenItStops() async throws {
    try await withNodes(2, 100, per: .month) { nodes, _ in
      #expect(await admitted(nodes, clients: 10) == 10)
    }
    try await TestDatabase.current.withPool { database in
      let (spent, leased, _) = try await installation.counters(on: database)
      #expect((spent, leased) == (10, 0))
    }
  }
}

extension Installation {
  var policy: ID<LimitPolicy> { ID(bits: 7) }

  /// Sets one limit, of the key at what it is authorized for or of all callers online.
  func limit(_ requests: Int, per period: LimitPeriod, ofKey: Bool, on database: some StatementRunner) async throws {
    let values = LimitPeriod.allCases.map { $0 == period ? Int64?(Int64(requests)) : nil }
    try await database.execute(
      Query<Void>(
        "test.policy",
        """
        INSERT INTO limit_policies (tenant_id, id, name, per_second, per_minute, per_hour, per_day, per_month)
        VALUES (\(provider.description), \(policy.description), 'x', \(values[0]), \(values[1]), \(values[2]),
          \(values[3]), \(values[4]))
        """))
    if ofKey {
      try await database.execute(
        Query<Void>("test.limit_key", "UPDATE authorizations SET limit_policy_id = \(policy.description)"))
    } else {
      try await database.execute(
        Query<Void>("test.limit_group", "UPDATE api_groups SET limit_policy_online = \(policy.description)"))
    }
  }

  func changeLimit(to requests: Int, on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>("test.change_limit", "UPDATE limit_policies SET per_month = \(Int64(requests))"))
  }

  /// What the ledger says is spent and leased, and what nodes hold of it.
  func counters(on database: some StatementRunner) async throws -> (spent: Int64, leased: Int64, held: Int64) {
    try await database.only(
      Query(
        "test.counters",
        """
        SELECT coalesce(sum(spent), 0)::bigint, coalesce(sum(leased), 0)::bigint,
          (SELECT coalesce(sum(amount), 0) FROM limit_leases)::bigint
        FROM limit_counters
        """
      ) { row in (try row.next(), try row.next(), try row.next()) })
  }
}
