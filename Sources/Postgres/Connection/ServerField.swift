import CLibPQ

/// The fields of a server's error that name things of the schema; the codes are `postgres_ext.h`'s `PG_DIAG_*`.
enum ServerField: Unicode.Scalar {
  case sqlState = "C"
  case schema = "s"
  case table = "t"
  case column = "c"
  case constraint = "n"
  /// May quote values; only for scripts, which have none.
  case primaryMessage = "M"

  func text(in result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(rawValue.value)).map { String(cString: $0) }
  }

  static func report(_ sqlState: String, in result: OpaquePointer) -> PostgresError.ServerReport {
    PostgresError.ServerReport(
      sqlState: sqlState, schema: schema.text(in: result), table: table.text(in: result),
      column: column.text(in: result), constraint: constraint.text(in: result))
  }
}
