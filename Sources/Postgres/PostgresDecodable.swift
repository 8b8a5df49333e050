package import FoundationEssentials

/// A value that can be read from a column's binary form.
package protocol PostgresDecodable: Sendable {
  /// Reads a cell.
  ///
  /// - Throws: ``CellError``; the row adds the query's and the column's name.
  static func decode(_ cell: Cell) throws(CellError) -> Self
}

/// One column of one row: valid only inside the call it was handed to.
package struct Cell {
  /// The column's type.
  package let type: PostgresType
  /// The binary form; nil is SQL's null.
  package let bytes: UnsafeRawBufferPointer?

  /// The bytes of a cell that must not be null.
  package func value() throws(CellError) -> UnsafeRawBufferPointer {
    guard let bytes else { throw .null }
    return bytes
  }

  /// The bytes of a cell that must be neither null nor of another type.
  func value(of expected: PostgresType) throws(CellError) -> UnsafeRawBufferPointer {
    guard type == expected else { throw .type }
    return try value()
  }

  /// An integer of exactly its own width, in network order.
  func integer<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) throws(CellError) -> Integer {
    let bytes = try value()
    guard bytes.count == MemoryLayout<Integer>.size else { throw .malformed }
    return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
  }
}

/// Why a cell is not of the type asked for. It never carries the cell's content.
package enum CellError: String, Error {
  case null = "is null"
  case type = "is of another type"
  case range = "is out of range"
  case malformed = "is malformed"
  case missing = "does not exist"
}

extension Bool: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Bool {
    guard cell.type == .bool else { throw .type }
    return try cell.integer(UInt8.self) != 0
  }
}

extension Int64: PostgresDecodable {
  /// Reads `int2`, `int4`, `int8`, `oid` and `xid8`.
  package static func decode(_ cell: Cell) throws(CellError) -> Int64 {
    switch cell.type {
    case .int8: return try cell.integer()
    case .int4: return Int64(try cell.integer(Int32.self))
    case .int2: return Int64(try cell.integer(Int16.self))
    case .oid: return Int64(try cell.integer(UInt32.self))
    case .xid8: return try Int64.narrowing(cell.integer(UInt64.self))
    default: throw .type
    }
  }
}

extension Int: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Int { try .narrowing(Int64.decode(cell)) }
}

extension Int32: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Int32 { try .narrowing(Int64.decode(cell)) }
}

extension Int16: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Int16 { try .narrowing(Int64.decode(cell)) }
}

extension UInt64: PostgresDecodable {
  /// Reads `xid8`, and integers that are not negative.
  package static func decode(_ cell: Cell) throws(CellError) -> UInt64 {
    if cell.type == .xid8 { return try cell.integer() }
    return try .narrowing(Int64.decode(cell))
  }
}

extension Double: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Double {
    switch cell.type {
    case .float8: return Double(bitPattern: try cell.integer())
    case .float4: return Double(Float(bitPattern: try cell.integer()))
    default: throw .type
    }
  }
}

extension String: PostgresDecodable {
  /// Reads text, `json`, `jsonb` and every type whose binary form is its text.
  package static func decode(_ cell: Cell) throws(CellError) -> String {
    var bytes = try cell.value()
    if cell.type == .jsonb {
      // jsonb's binary form: a version byte, which is 1, then the text.
      guard bytes.first == 1 else { throw .malformed }
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    } else if !cell.type.isTextual {
      throw .type
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
    return text
  }
}

extension Date: PostgresDecodable {
  /// Reads `timestamptz`; `infinity` and `-infinity` are out of range.
  package static func decode(_ cell: Cell) throws(CellError) -> Date {
    guard cell.type == .timestamptz else { throw .type }
    let microseconds = try cell.integer(Int64.self)
    guard storableMicroseconds.contains(microseconds) else { throw .range }
    return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000 - secondsFrom2000To2001)
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Wrapped? {
    cell.bytes == nil ? nil : try Wrapped.decode(cell)
  }
}

/// An id type or a state enumeration is read as its raw value; one it does not know is out of range.
extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  package static func decode(_ cell: Cell) throws(CellError) -> Self {
    guard let value = Self(rawValue: try RawValue.decode(cell)) else { throw .range }
    return value
  }
}

extension FixedWidthInteger {
  static func narrowing(_ value: some FixedWidthInteger) throws(CellError) -> Self {
    guard let narrow = Self(exactly: value) else { throw .range }
    return narrow
  }
}
