import Synchronization
import TestPostgres
import Testing

@testable import Postgres

private struct Checksum: Equatable {
  var rows = 0
  var bytes = 0
  var sum: Int64 = 0
}

private func load(_ rows: Int) -> Statement<Checksum> {
  Query<Void>("test.load", "SELECT i, decode(repeat('ab', 90), 'hex') FROM generate_series(1, \(rows)) AS i")
    .fold(into: Checksum()) { checksum, row in
      checksum.rows += 1
      checksum.sum += try row.next(Int64.self)
      checksum.bytes += try row.withBytes(at: 1) { $0.count }
    }
}

@Suite(.database)
struct StreamTests {
  @Test func foldsRowsAsTheyArrive() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let expected = Checksum(rows: 50_000, bytes: 50_000 * 90, sum: 50_000 * 50_001 / 2)
      #expect(try await pool.run(load(50_000)) == expected)
      let (folded, count) = try await pool.pipeline(
        TransactionOptions(isolation: .repeatableRead, isReadOnly: true), load(10),
        Query<Int>("test.one", "SELECT 1::int8").only)
      #expect(folded.rows == 10)
      #expect(count == 1)
      let inside = try await pool.transaction { tx in try await tx.run(load(100)) }
      #expect(inside.rows == 100)
      #expect(try await pool.run(load(0)) == Checksum())
    }
  }

  @Test func stopsAtWhatTheAccumulatorRefuses() async throws {
    struct Enough: Error {}
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let statement = Query<Void>("test.some", "SELECT i FROM generate_series(1, 10000) AS i")
        .fold(into: 0) { count, row in
          count += 1
          if count == 100 { throw Enough() }
        }
      await #expect(throws: Enough.self) { try await pool.run(statement) }
      #expect(try await pool.run(load(3)).rows == 3)
    }
  }

  @Test func reportsAnErrorInTheMiddle() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let statement = Query<Int>("test.divide", "SELECT 1 / (5000 - i) FROM generate_series(1, 10000) AS i")
      let error = await #expect(throws: PostgresError.self) {
        try await pool.run(statement.fold(into: 0) { count, _ in count += 1 })
      }
      #expect(error?.server?.condition == "division_by_zero")
      let first = await #expect(throws: PostgresError.self) { try await pool.first(statement) }
      #expect(first?.query == "test.divide")
      #expect(try await pool.run(load(3)).rows == 3)
    }
  }

  @Test func copiesRowsOut() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let query = CopyQuery(
        "test.copy",
        "SELECT i, nullif(i % 3, 0), repeat('x', i::int % 2000) FROM generate_series(1::bigint, 50000) AS i")
      let seen = Mutex(Checksum())
      let nulls = Mutex(0)
      let count = try await pool.transaction(TransactionOptions(isolation: .repeatableRead, isReadOnly: true)) { tx in
        try await tx.copy(query) { row in
          #expect(row.columnCount == 3)
          let number = try row.withBytes(at: 0) { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
          let length = try row.withBytes(at: 2) { $0.count }
          #expect(length == Int(number % 2000))
          seen.withLock { $0 = Checksum(rows: $0.rows + 1, bytes: $0.bytes + length, sum: $0.sum + number) }
          if row.isNull(at: 1) { nulls.withLock { $0 += 1 } }
        }
        // The transaction goes on, and the connection is what it was.
        return try await tx.only(Query<Int>("test.one", "SELECT 1::int8"))
      }
      #expect(count == 1)
      #expect(seen.withLock { $0 } == Checksum(rows: 50_000, bytes: 25 * 1999 * 1000, sum: 50_000 * 50_001 / 2))
      #expect(nulls.withLock { $0 } == 16_666)
      #expect(try await pool.run(load(3)).rows == 3)
    }
  }

  @Test func copiesNothing() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      try await pool.transaction { tx in
        try await tx.copy(CopyQuery("test.copy", "SELECT 1 WHERE false")) { _ in Issue.record("there is no row") }
      }
    }
  }

  @Test func aCopyReportsAnErrorAtTheBeginningAndInTheMiddle() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      for (select, condition) in [
        ("SELECT * FROM nowhere", "undefined_table"),
        ("SELECT 1 / (5000 - i) FROM generate_series(1, 10000) AS i", "division_by_zero"),
      ] as [(StaticString, String)] {
        let error = await #expect(throws: PostgresError.self) {
          try await pool.transaction { tx in
            try await tx.copy(CopyQuery("test.copy", select)) { _ in }
          }
        }
        #expect(error?.server?.condition == condition)
        #expect(error?.query == "test.copy")
        #expect(try await pool.run(load(3)).rows == 3)
      }
    }
  }

  @Test func aCopyEndsWithWhatTheReaderThrowsOrWithItsTask() async throws {
    struct Enough: Error {}
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let query = CopyQuery("test.copy", "SELECT generate_series(1, 1000000000)")
      await #expect(throws: Enough.self) {
        try await pool.transaction { tx in try await tx.copy(query) { _ in throw Enough() } }
      }
      #expect(try await pool.run(load(3)).rows == 3)
      let (rows, row) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
      let copying = Task {
        defer { row.finish() }
        return try await pool.transaction { tx in try await tx.copy(query) { _ in row.yield() } }
      }
      for await _ in rows { break }
      copying.cancel()
      await #expect(throws: CancellationError.self) { try await copying.value }
      #expect(try await pool.run(load(3)).rows == 3)
    }
  }
}
