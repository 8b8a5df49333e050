import Foundation
import Model
import Postgres
import TestPostgres

/// The clock of the ledger of limits, as far as it goes before or behind the test's own database's.
enum LedgerClock {
  /// What the ledger takes for the time.
  static func now(on database: some StatementRunner) async throws -> Date {
    try await database.only(Query("test.ledger_time", "SELECT ledger_time()") { row in try row.next() })
  }

  /// Sets it; it goes on from there.
  static func go(to moment: String, on database: PostgresPool) async throws {
    try await take(on: database)
    try await database.execute(
      Query<Void>(
        "test.set_clock", "UPDATE clock_shift SET shift = (\(moment)::text)::timestamptz - clock_timestamp()"))
  }

  static func go(by span: String, on database: PostgresPool) async throws {
    try await take(on: database)
    try await database.execute(
      Query<Void>("test.shift_clock", "UPDATE clock_shift SET shift = shift + (\(span)::text)::interval"))
  }

  /// Sets it so that the present window ends in so long.
  ///
  /// - Returns: when it does.
  static func goBefore(
    _ rest: Duration, theEndOf period: LimitPeriod, on database: PostgresPool
  ) async throws -> Date {
    let milliseconds = Int64(rest / .milliseconds(1))
    try await take(on: database)
    let edge: Date = try await database.only(
      Query("test.edge", "SELECT window_end(\(period.rawValue), ledger_time())") { row in try row.next() })
    try await database.execute(
      Query<Void>(
        "test.go_before",
        """
        UPDATE clock_shift SET shift = \(edge) - \(milliseconds) * interval '1 millisecond' - clock_timestamp()
        """))
    return edge
  }

  /// Has the ledger go by a clock that can be set.
  private static func take(on database: PostgresPool) async throws {
    try await database.execute(
      Query<Void>(
        "test.take_clock",
        """
        DO $$
        BEGIN
          IF to_regclass('clock_shift') IS NULL THEN
            CREATE TABLE clock_shift AS SELECT interval '0' AS shift;
            GRANT SELECT ON clock_shift TO latchkey_owner;
            CREATE OR REPLACE FUNCTION ledger_time() RETURNS timestamptz
              LANGUAGE sql VOLATILE
              RETURN clock_timestamp() + (SELECT shift FROM clock_shift);
          END IF;
        END
        $$
        """))
  }
}
