import CLibPQ

/// One row, handed to a query's decoder.
///
/// It reads columns in order with ``next(_:)`` or by position with ``decode(_:as:)``. It cannot be copied, so nothing
/// of it outlives the result that owns its bytes.
package struct Row: ~Copyable {
  private let source: Source
  private let query: String
  private var column: Int32 = 0

  /// Where the row's bytes are.
  private enum Source {
    case result(OpaquePointer, index: Int32)
    case copied(CopiedRow)
  }

  init(of result: OpaquePointer, at index: Int32, query: String) {
    source = .result(result, index: index)
    self.query = query
  }

  init(_ copied: CopiedRow, query: String) {
    source = .copied(copied)
    self.query = query
  }

  /// How many columns the row has.
  package var columnCount: Int {
    switch source {
    case .result(let result, _): Int(PQnfields(result))
    case .copied(let row): row.columnCount
    }
  }

  /// Reads the next column.
  ///
  /// - Throws: ``PostgresError`` with code `decoding`, naming the query and the column.
  package mutating func next<Value: PostgresDecodable>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
    defer { column += 1 }
    return try decode(Int(column))
  }

  /// Leaves out the next column.
  package mutating func skip() { column += 1 }

  /// Reads the column at `position`, from 0.
  package func decode<Value: PostgresDecodable>(
    _ position: Int, as _: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    do throws(CellError) {
      return try Value.decode(cell(position))
    } catch {
      throw failure(error, at: position, wanted: "\(Value.self)")
    }
  }

  /// Whether the column at `position` is null, or not there.
  package func isNull(at position: Int) -> Bool { (try? cell(position).bytes == nil) ?? true }

  /// Lends the bytes of the column at `position`, whatever its type, in its binary form and without a copy.
  ///
  /// - Throws: ``PostgresError`` with code `decoding` when it is null, and what `body` throws.
  package func withBytes<Value>(at position: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    let bytes: UnsafeRawBufferPointer
    do throws(CellError) {
      bytes = try cell(position).value()
    } catch {
      throw failure(error, at: position, wanted: "bytes")
    }
    return try body(bytes)
  }

  private func cell(_ position: Int) throws(CellError) -> Cell {
    switch source {
    case .result(let result, let index):
      guard let column = Int32(exactly: position), (0..<PQnfields(result)).contains(column) else { throw .missing }
      let type = PostgresType(rawValue: PQftype(result, column))
      if PQgetisnull(result, index, column) != 0 { return Cell(type: type, bytes: nil) }
      let bytes = UnsafeRawBufferPointer(
        start: PQgetvalue(result, index, column), count: Int(PQgetlength(result, index, column)))
      return Cell(type: type, bytes: bytes)
    case .copied(let row):
      return Cell(type: .inferred, bytes: try row.field(at: position))
    }
  }

  private func failure(_ error: CellError, at position: Int, wanted: String) -> PostgresError {
    let column = name(of: position).map { "column \(position) (\($0))" } ?? "column \(position)"
    return PostgresError(.decoding, query: query, detail: "\(column), wanted as \(wanted), \(error.rawValue)")
  }

  private func name(of position: Int) -> String? {
    guard case .result(let result, _) = source, let column = Int32(exactly: position) else { return nil }
    return PQfname(result, column).map { String(cString: $0) }
  }
}
