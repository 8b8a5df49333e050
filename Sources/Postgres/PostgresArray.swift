package import FoundationEssentials

/// What an array may hold. `UInt8` is the odd one: an array of it is one `bytea`, not an array of the server's.
package protocol PostgresArrayElement: Sendable {
  /// The type of an array of this.
  static var postgresArrayType: PostgresType { get }
  static func encodeArray(_ array: [Self]) -> Parameter
  static func decodeArray(_ cell: Cell) throws(CellError) -> [Self]
  /// The element's own type inside the array; an inferred one is `text` there.
  static var postgresElementType: PostgresType { get }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
  package static var postgresType: PostgresType { Element.postgresArrayType }
  package var postgresParameter: Parameter { Element.encodeArray(self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  package static func decode(_ cell: Cell) throws(CellError) -> [Element] { try Element.decodeArray(cell) }
}

extension UInt8: PostgresArrayElement {
  package static var postgresArrayType: PostgresType { .bytea }
  package static var postgresElementType: PostgresType { .bytea }
  package static func encodeArray(_ array: [UInt8]) -> Parameter { Parameter(type: .bytea, value: .binary(array)) }
  package static func decodeArray(_ cell: Cell) throws(CellError) -> [UInt8] { try Array(cell.value(of: .bytea)) }
}

extension Array: PostgresArrayElement where Element == UInt8 {
  package static var postgresArrayType: PostgresType { .byteaArray }
  package static var postgresElementType: PostgresType { .bytea }
}

extension Bool: PostgresArrayElement { package static var postgresArrayType: PostgresType { .boolArray } }
extension Int16: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int2Array } }
extension Int32: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int4Array } }
extension Int64: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int8Array } }
extension Int: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int8Array } }
extension Double: PostgresArrayElement { package static var postgresArrayType: PostgresType { .float8Array } }
extension Date: PostgresArrayElement { package static var postgresArrayType: PostgresType { .timestamptzArray } }
extension String: PostgresArrayElement {
  package static var postgresArrayType: PostgresType { .textArray }
  package static var postgresElementType: PostgresType { .text }
}

/// One-dimensional arrays without nulls, in the binary form of the server's `arrayfuncs.c`: dimensions, null flag,
/// element type, then for each dimension length and lower bound, then each element with its length; all `int4`.
extension PostgresArrayElement where Self: PostgresCodable {
  package static var postgresElementType: PostgresType { postgresType }

  package static func encodeArray(_ array: [Self]) -> Parameter {
    var bytes: [UInt8] = []
    func append(_ number: Int) { bytes.append(contentsOf: Int32(number).bigEndianBytes) }
    append(array.isEmpty ? 0 : 1)
    append(0)
    append(Int(postgresElementType.rawValue))
    if !array.isEmpty {
      append(array.count)
      append(1)
    }
    for element in array {
      switch element.postgresParameter.value {
      case .binary(let value):
        append(value.count)
        bytes.append(contentsOf: value)
      case .text(let value):
        append(value.count - 1)
        bytes.append(contentsOf: value.dropLast())
      case .null, .invalid:
        return Parameter(type: postgresArrayType, value: .invalid)
      }
    }
    return Parameter(type: postgresArrayType, value: .binary(bytes))
  }

  package static func decodeArray(_ cell: Cell) throws(CellError) -> [Self] {
    var reader = ArrayReader(rest: try cell.value())
    let dimensions = try reader.number()
    _ = try reader.number()
    let type = PostgresType(rawValue: UInt32(bitPattern: try reader.number()))
    if dimensions == 0 { return [] }
    guard dimensions == 1 else { throw .malformed }
    let count = Int(try reader.number())
    _ = try reader.number()
    // Each element takes at least its length's four bytes: a count beyond that is a lie, and no room is made for it.
    guard (0...reader.rest.count / 4).contains(count) else { throw .malformed }
    var elements: [Self] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try Self.decode(reader.cell(of: type))) }
    return elements
  }
}

/// Walks an array's binary form.
private struct ArrayReader {
  var rest: UnsafeRawBufferPointer

  mutating func number() throws(CellError) -> Int32 {
    guard rest.count >= 4 else { throw .malformed }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4)) }
    return Int32(bigEndian: rest.loadUnaligned(as: Int32.self))
  }

  mutating func cell(of type: PostgresType) throws(CellError) -> Cell {
    let length = Int(try number())
    if length == -1 { return Cell(type: type, bytes: nil) }
    guard length >= 0, rest.count >= length else { throw .malformed }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length)) }
    return Cell(type: type, bytes: UnsafeRawBufferPointer(rebasing: rest.prefix(length)))
  }
}
