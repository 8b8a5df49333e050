import Logging
import TestPostgres
import Testing

@testable import Postgres

@Suite(.database)
struct QueryTests {
  @Test func bindsInterpolatedValues() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let text = "it's \"quoted\"; DROP TABLE x; --"
      let query = Query<(String, Int)>("test.echo", "SELECT \(text)::text, \(41)::int8 + 1") { row in
        try (row.next(), row.next())
      }
      let (echo, number) = try await pool.only(query)
      #expect(echo == text)
      #expect(number == 42)
    }
  }
}
