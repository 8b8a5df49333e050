import Foundation
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
  fileprivate func withNodes(
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
              let ledger = LimitLedger(
                of: node.allowances, as: .random(), in: pool, recalledBy: listener, logger: logger)
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

  fileprivate func admitted(_ nodes: [LimitedNode], clients: Int, callsOfEach: Int = 1) async -> Int {
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

/// The same at the edges of windows and where the database's clock is set.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct LimitEdgeTests {
  private let nodes = LimitLedgerTests()

  @Test(arguments: [LimitPeriod.minute, .hour, .day, .month])
  func letsThroughTheLimitOnEitherSideOfAnEdge(period: LimitPeriod) async throws {
    try await nodes.withNodes(3, 100, per: period) { nodes, database in
      let edge = try await LedgerClock.goBefore(.milliseconds(2_500), theEndOf: period, on: database)
      let before = await self.nodes.admitted(nodes, clients: 300)
      let isBefore = try await LedgerClock.now(on: database) < edge
      #expect(isBefore ? before == 100 : before <= 200)
      guard isBefore else { return }
      try await eventually { await nodes[0].admits() }
      #expect(try await LedgerClock.now(on: database) >= edge)
      #expect(await self.nodes.admitted(nodes, clients: 300) == 99)
    }
  }

  /// Of each second no more; and all of it, before anybody is refused.
  @Test func letsThroughTheLimitOfEachSecond() async throws {
    try await nodes.withNodes(3, 50, per: .second) { nodes, database in
      let end = ContinuousClock.now + .seconds(4)
      let begun = try await LedgerClock.now(on: database)
      let (admitted, refused) = await withTaskGroup(of: (Int, Set<Int>).self) { group in
        for node in nodes {
          group.addTask {
            var (admitted, refused) = (0, Set<Int>())
            while ContinuousClock.now < end {
              if await node.admits() {
                admitted += 1
              } else {
                // Near its edges nobody knows which second it is refused by.
                let (second, part) = modf(Date().timeIntervalSince1970)
                if (0.2..<0.9).contains(part) { refused.insert(Int(second)) }
                try? await Task.sleep(for: .milliseconds(2))
              }
            }
            return (admitted, refused)
          }
        }
        return await group.reduce(into: (0, Set<Int>())) { $0 = ($0.0 + $1.0, $0.1.union($1.1)) }
      }
      let ended = try await LedgerClock.now(on: database)
      let windows = Int(ended.timeIntervalSince1970) - Int(begun.timeIntervalSince1970) + 1
      #expect(admitted <= 50 * windows)
      #expect(Double(admitted) >= 0.99 * 50 * Double(refused.count))
    }
  }

  /// Each phase asks by nodes that know nothing.
  @Test(arguments: [LimitPeriod.minute, .hour, .day, .month])
  func aClockSetBackAnHourBeginsNoWindowAnew(period: LimitPeriod) async throws {
    try await nodes.withNodes(3, 10, per: period) { nodes, database in
      try await LedgerClock.go(to: "2026-11-27T12:20:30Z", on: database)
      #expect(await self.nodes.admitted([nodes[0]], clients: 20) == 10)
      try await LedgerClock.go(by: "-1 hour", on: database)
      #expect(await self.nodes.admitted([nodes[1]], clients: 20) == 0)
      try await LedgerClock.go(by: "1 hour", on: database)
      #expect(await self.nodes.admitted([nodes[2]], clients: 20) == 0)
    }
  }

  @Test(arguments: [(LimitPeriod.minute, 10), (.hour, 10), (.day, 0), (.month, 0)])
  func aClockSetForwardAnHourBeginsThoseWindowsThatItPasses(period: LimitPeriod, more: Int) async throws {
    try await nodes.withNodes(2, 10, per: period) { nodes, database in
      try await LedgerClock.go(to: "2026-11-27T12:20:30Z", on: database)
      #expect(await self.nodes.admitted([nodes[0]], clients: 20) == 10)
      try await LedgerClock.go(by: "1 hour", on: database)
      #expect(await self.nodes.admitted([nodes[1]], clients: 20) == more)
    }
  }

  /// Two windows later at most it goes on as before.
  @Test func aClockSetBackAnHourRefusesForNoHour() async throws {
    try await nodes.withNodes(2, 10, per: .second) { nodes, database in
      try await LedgerClock.go(to: "2026-11-27T12:20:30.1Z", on: database)
      #expect(await self.nodes.admitted([nodes[0]], clients: 20) >= 10)
      try await LedgerClock.go(by: "-1 hour", on: database)
      let back = try await LedgerClock.now(on: database)
      try await eventually { await nodes[1].admits() }
      let admitted = try await LedgerClock.now(on: database)
      #expect(admitted.timeIntervalSince(back) < 60)
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

extension Allowances {
  /// What becomes of a call that comes alone.
  fileprivate func take(_ call: LimitedCall, mayWait: Bool, at now: BootTime) -> Outcome {
    var (memo, standings) = (Memo(), CallStandings())
    return take(call, mayWait: mayWait, memo: &memo, standings: &standings, at: now)
  }
}
