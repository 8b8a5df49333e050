import FoundationEssentials
import TestPostgres
import Testing

@testable import Postgres

@Suite(.database)
struct CodingTests {
  /// Binds a value with its type's name, lets the server describe it, and reads it back.
  private func echo<Value: PostgresCodable & Equatable>(
    _ name: StaticString, _ value: Value, _ sql: SQL, on pool: PostgresPool
  ) async throws -> Value {
    try await pool.only(Query<Value>(name, sql))
  }

  @Test func readsBackWhatItBinds() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      func check<Value: PostgresCodable & Equatable>(_ name: StaticString, _ value: Value, _ sql: SQL) async throws {
        #expect(try await pool.only(Query<Value>(name, sql)) == value)
      }
      for value in [true, false] { try await check("c.bool", value, "SELECT \(value)") }
      for value in [Int16.min, 0, .max] { try await check("c.int2", value, "SELECT \(value)") }
      for value in [Int32.min, 0, .max] { try await check("c.int4", value, "SELECT \(value)") }
      for value in [Int64.min, 0, .max] { try await check("c.int8", value, "SELECT \(value)") }
      for value in [Int.min, -1, .max] { try await check("c.int", value, "SELECT \(value)") }
      for value in [0.1, -.infinity, .greatestFiniteMagnitude] { try await check("c.float8", value, "SELECT \(value)") }
      for value in ["", "plain", "quote ' \" \\ % _", "日本語 🎉", "e\u{301}", "\u{202e}x"] {
        try await check("c.text", value, "SELECT \(value)::text")
      }
      for value in [[], [0], Array(UInt8.min ... .max)] as [[UInt8]] {
        try await check("c.bytea", value, "SELECT \(value)")
      }
    }
  }

  @Test func readsBackArraysAndNulls() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      func check<Value: PostgresCodable & Equatable>(_ name: StaticString, _ value: Value, _ sql: SQL) async throws {
        #expect(try await pool.only(Query<Value>(name, sql)) == value)
      }
      for value in [[], ["a", "", "NULL", "{,\"}"]] { try await check("c.text[]", value, "SELECT \(value)") }
      for value in [[], [Int64.min, 7]] as [[Int64]] { try await check("c.int8[]", value, "SELECT \(value)") }
      for value in [[], [1, -1]] as [[Int]] { try await check("c.int[]", value, "SELECT \(value)") }
      for value in [[], [[], [0, 255]]] as [[[UInt8]]] { try await check("c.bytea[]", value, "SELECT \(value)") }
      try await check("c.bool[]", [true, false], "SELECT \([true, false])")
      try await check("c.date[]", [Date(timeIntervalSince1970: 1)], "SELECT \([Date(timeIntervalSince1970: 1)])")
      try await check("c.null.text", String?.none, "SELECT \(String?.none)::text")
      try await check("c.null.int", Int?.none, "SELECT \(Int?.none)")
      try await check("c.null.bytea", [UInt8]?.none, "SELECT \([UInt8]?.none)")
      try await check("c.some", Int?.some(5), "SELECT \(Int?.some(5))")
    }
  }

  @Test(arguments: [0, 1_700_000_000.123456, -62_135_596_800, 4_102_444_800.999999])
  func keepsTimesToTheMicrosecond(seconds: Double) async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let date = Date(timeIntervalSince1970: seconds)
      let query = Query<(Date, Double)>(
        "c.time", "SELECT t, extract(epoch FROM t)::float8 FROM (SELECT \(date) AS t) AS s"
      ) { try ($0.next(), $0.next()) }
      let (back, server) = try await pool.only(query)
      #expect(abs(back.timeIntervalSince(date)) < 1e-6)
      #expect(abs(server - seconds) < 1e-5)
    }
  }

  @Test func bindsTextAsWhateverTheServerInfers() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let json = #"{"a": [1, "x"]}"#
      let query = Query<(String, String, Int64)>(
        "c.json", "SELECT \(json)::jsonb, \(json)::json, pg_current_xact_id()"
      ) { try ($0.next(), $0.next(), $0.next()) }
      let (jsonb, plain, xid) = try await pool.only(query)
      #expect(jsonb == json)
      #expect(plain == json)
      #expect(xid > 0)
    }
  }

  enum Colour: String, PostgresCodable { case red, green }

  @Test func readsEnumerationsOfBothSides() async throws {
    let database = TestDatabase.current
    try await SQLScript("CREATE TYPE colour AS ENUM ('red', 'blue')").run(on: database.configuration)
    try await database.withPool { pool async throws in
      #expect(try await pool.only(Query<Colour>("c.red", "SELECT \(Colour.red)::colour")) == .red)
      let error = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<Colour>("c.blue", "SELECT 'blue'::colour AS tint"))
      }
      #expect(error?.description == "decoding: in c.blue: column 0 (tint), wanted as Colour, is out of range")
    }
  }

  @Test func refusesWhatCannotBeSent() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      for query in [
        Query<Void>("c.nul", "SELECT \("secret\0")::text"), Query<Void>("c.nuls", "SELECT \(["a", "secret\0"])"),
        Query<Void>("c.future", "SELECT \(Date.distantFuture.addingTimeInterval(1e13))"),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await pool.execute(query) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.query == query.name)
        #expect("\(error as Any)".contains("secret") == false)
      }
      #expect(try await pool.only(Query<Int>("c.after", "SELECT 1::int8")) == 1)
    }
  }

  @Test(
    arguments: [
      ("SELECT NULL::text AS secret_name", "is null"), ("SELECT 42 AS secret_name", "is of another type"),
      ("SELECT '{}'::text[] AS secret_name", "is of another type"),
    ] as [(SQLBox, String)])
  func namesTheColumnItCannotDecode(sql: SQLBox, reason: String) async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<String>("c.wrong", sql.sql))
      }
      #expect(error?.code == .decoding)
      #expect(error?.query == "c.wrong")
      #expect(error?.detail == "column 0 (secret_name), wanted as String, \(reason)")
    }
  }

  @Test func refusesNarrowingAndMissingColumns() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let narrow = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<Int16>("c.narrow", "SELECT 70000"))
      }
      #expect(narrow?.detail?.hasSuffix("is out of range") == true)
      let missing = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<(Int, Int)>("c.missing", "SELECT 1") { try ($0.next(), $0.next()) })
      }
      #expect(missing?.detail == "column 1, wanted as Int, does not exist")
      let infinite = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<Date>("c.infinite", "SELECT 'infinity'::timestamptz"))
      }
      #expect(infinite?.detail?.hasSuffix("is out of range") == true)
    }
  }

  @Test func lendsBytesAndReadsByPosition() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let query = Query<[Int]>("c.position", "SELECT '\\x010203'::bytea, 7, NULL::int") { row in
        let sum = try row.withBytes(at: 0) { $0.reduce(0) { $0 + Int($1) } }
        return [sum, try row.decode(1), row.isNull(at: 2) ? 1 : 0, row.columnCount]
      }
      #expect(try await pool.only(query) == [6, 7, 1, 3])
    }
  }
}

/// A literal statement as a test's argument.
struct SQLBox: Sendable, ExpressibleByStringLiteral {
  let sql: SQL
  init(stringLiteral value: StaticString) { sql = SQL(stringLiteral: value) }
}
