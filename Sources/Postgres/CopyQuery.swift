/// A query without values whose rows are copied out in binary, which is the fastest way to read millions of them: one
/// small buffer a row, where a result of one row costs several and repeats its description.
package struct CopyQuery: Sendable {
  /// The dotted name, as a ``Query`` has one.
  package let name: String
  let text: String

  /// - Parameter select: a `SELECT` without parameters.
  package init(_ name: StaticString, _ select: StaticString) {
    self.name = name.description
    text = "COPY (\(select)) TO STDOUT (FORMAT binary)"
  }
}

extension Transaction {
  /// Hands every row of `query` to `body`, on the connection's thread, as it arrives.
  ///
  /// Rows know neither the names nor the types of their columns: only ``Row/withBytes(at:_:)`` and
  /// ``Row/isNull(at:)`` can read them. What `body` throws costs the connection.
  package func copy(_ query: CopyQuery, _ body: @escaping @Sendable (inout Row) throws -> Void) async throws {
    try await perform { session in try session.copy(query, body) }
  }
}

/// One row of a binary copy: a count of fields, then the length of each, -1 for null, and its bytes.
struct CopiedRow {
  /// What every binary copy begins with, before its flags and the length of its extension.
  private static let signature = Array("PGCOPY\n\u{FF}\r\n\0".unicodeScalars.map { UInt8($0.value) })
  private static let headerLength = 19

  let columnCount: Int
  private let fields: UnsafeRawBufferPointer

  /// Takes one message of a copy apart; nil for the trailer, which ends it.
  init?(_ message: UnsafeRawBufferPointer, isFirst: Bool) throws(CellError) {
    var rest = message[...]
    if isFirst {
      guard rest.starts(with: Self.signature), rest.count >= Self.headerLength else { throw .malformed }
      let length = Int(rest.bigEndian(at: Self.headerLength - 4, as: UInt32.self))
      guard rest.count >= Self.headerLength + length else { throw .malformed }
      rest = rest.dropFirst(Self.headerLength + length)
    }
    guard rest.count >= 2 else { throw .malformed }
    let count = rest.bigEndian(at: rest.startIndex, as: Int16.self)
    guard count >= 0 else { return nil }
    columnCount = Int(count)
    fields = UnsafeRawBufferPointer(rebasing: rest.dropFirst(2))
  }

  /// The bytes of a column; nil is null.
  func field(at position: Int) throws(CellError) -> UnsafeRawBufferPointer? {
    guard (0..<columnCount).contains(position) else { throw .missing }
    var offset = 0
    for column in 0...position {
      guard offset + 4 <= fields.count else { throw .malformed }
      let length = Int(fields[...].bigEndian(at: offset, as: Int32.self))
      offset += 4
      guard length <= fields.count - offset else { throw .malformed }
      if column == position {
        return length < 0 ? nil : UnsafeRawBufferPointer(rebasing: fields[offset..<offset + length])
      }
      offset += max(0, length)
    }
    return nil
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// The integer in network order whose first byte is at `index`, of a buffer that has it whole.
  fileprivate func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(at index: Int, as _: Integer.Type) -> Integer
  {
    Integer(bigEndian: base.loadUnaligned(fromByteOffset: index, as: Integer.self))
  }
}
