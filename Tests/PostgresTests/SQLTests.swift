import Testing

@testable import Postgres

/// A statement's text and what is bound, put together from parts.
struct SQLTests {
  @Test func bindsThePartsValuesInTheirPlaces() {
    let (first, second): (SQL, SQL) = ("AND a = \(1) AND b = \(2)", "AND c = \(3)")
    let sql: SQL = "SELECT x FROM t WHERE d = \(0) \(first) \(second) LIMIT \(4)"
    #expect(sql.text == "SELECT x FROM t WHERE d = $1 AND a = $2 AND b = $3 AND c = $4 LIMIT $5")
    #expect(sql.parameters.map(\.value) == (0...4).map { $0.postgresParameter.value })
  }

  @Test func takesPartsOfParts() {
    let inner: SQL = "a = \(1)"
    let outer: SQL = "(\(inner) OR b = \(2))"
    let sql: SQL = "c = \(0) AND \(outer)"
    #expect(sql.text == "c = $1 AND (a = $2 OR b = $3)")
  }

  @Test func namesVariantsApart() {
    let query = Query<Void>("thing.list", "SELECT")
    #expect(query.variant([]).affected.name == "thing.list")
    #expect(query.variant(["state", "text"]).affected.name == "thing.list.state_text")
  }
}
