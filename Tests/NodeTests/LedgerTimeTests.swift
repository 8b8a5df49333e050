import Foundation
import Model
import Postgres
import TestPostgres
import Testing

/// What the ledger lends while its clock is set back and forward, asked by one that takes all it gets.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct LedgerTimeTests {
  private let installation = Installation()
  private static let limit = 10

  /// What was lent at which moment: of the time that has passed, and of what the clock was set forward beyond all that it
  /// had ever shown.
  private struct Lent {
    let at: TimeInterval
    let amount: Int
  }

  private func lend(_ period: LimitPeriod, at moment: Date, on database: some StatementRunner) async throws -> Int {
    try await database.execute(Query<Void>("test.set_moment", "UPDATE moment SET at = \(moment)"))
    // It tells nothing of what it spends, so that all it ever got counts against the window that it is told of.
    return try await database.only(
      Query(
        "test.lend",
        """
        SELECT coalesce(sum(held), 0)::bigint FROM lease_limits(\(ID<GatewayNode>.random().description),
          ARRAY[\(installation.provider.description)], ARRAY[\(installation.group.description)], '{online}', '{""}',
          ARRAY[\(period.rawValue)], '{0}', '{0}', '{0}', ARRAY[\(Int64(Self.limit))], '{0}')
        """
      ) { row in Int(try row.next(Int64.self)) })
  }

  /// Fixed windows: of a time as long as `n` of them, `n + 2` at most have a part in it.
  @Test(arguments: [LimitPeriod.second, .minute, .hour], [UInt64(1), 2, 3])
  func lendsNoMoreThanTheWindowsThatTimeHas(period: LimitPeriod, seed: UInt64) async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { database in
      try await installation.create(on: database)
      try await installation.limit(Self.limit, per: period, ofKey: false, on: database)
      for statement in Self.stoppedClock { try await database.execute(statement) }
      var random = SeededSource(seed: seed)
      let length = TimeInterval(period.leastLength / .milliseconds(1)) / 1000
      var clock = Date(timeIntervalSince1970: 1_795_781_730)
      var (highest, passed, passedThen, lent) = (clock, TimeInterval(0), TimeInterval(0), [Lent]())
      for step in 0..<240 {
        // Now and then it is set back by an hour, and a while later forward again.
        let jump: TimeInterval = step % 60 == 20 ? -3600 : step % 60 == 45 ? 3600 : 0
        let span = length * Double.random(in: 0...0.7, using: &random)
        clock += span + jump
        passed += span
        passed += max(0, clock.timeIntervalSince(highest) - (passed - passedThen))
        if clock > highest { (highest, passedThen) = (clock, passed) }
        lent.append(Lent(at: passed, amount: try await lend(period, at: clock, on: database)))
      }
      for first in lent.indices {
        var sum = 0
        for last in lent[first...] {
          sum += last.amount
          let windows = Int((last.at - lent[first].at) / length) + 2
          #expect(sum <= Self.limit * windows, "from \(lent[first].at) to \(last.at)")
          if sum > Self.limit * windows { return }
        }
      }
      // And it goes on lending: hardly more than two windows at a time are refused.
      let spans = zip(lent.filter { $0.amount > 0 }, lent.filter { $0.amount > 0 }.dropFirst()).map { $1.at - $0.at }
      #expect((spans.max() ?? .infinity) <= 3.5 * length)
    }
  }

  private static let stoppedClock = [
    Query<Void>("test.make_moment", "CREATE TABLE moment AS SELECT now() AS at"),
    Query<Void>("test.grant_moment", "GRANT SELECT ON moment TO latchkey_owner"),
    Query<Void>(
      "test.stop_ledger",
      """
      CREATE OR REPLACE FUNCTION ledger_time() RETURNS timestamptz
        LANGUAGE sql VOLATILE
        RETURN (SELECT at FROM moment)
      """),
  ]
}
