package import FoundationEssentials

/// A value that can be bound as a parameter.
package protocol PostgresEncodable: Sendable {
  /// The type the parameter is declared with.
  static var postgresType: PostgresType { get }
  /// The value on the wire. A value that has no representation (text with a NUL) gives an invalid parameter, and the
  /// statement is refused before anything is sent.
  var postgresParameter: Parameter { get }
}

/// What is both bound and decoded.
package typealias PostgresCodable = PostgresEncodable & PostgresDecodable

/// An object id of `pg_type`: fixed numbers, from the server's `pg_type.dat`.
package struct PostgresType: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Left to the server to infer from the statement.
  package static let inferred = PostgresType(rawValue: 0)
  package static let bool = PostgresType(rawValue: 16)
  package static let bytea = PostgresType(rawValue: 17)
  package static let int8 = PostgresType(rawValue: 20)
  package static let int2 = PostgresType(rawValue: 21)
  package static let int4 = PostgresType(rawValue: 23)
  package static let text = PostgresType(rawValue: 25)
  package static let oid = PostgresType(rawValue: 26)
  package static let json = PostgresType(rawValue: 114)
  package static let float4 = PostgresType(rawValue: 700)
  package static let float8 = PostgresType(rawValue: 701)
  package static let boolArray = PostgresType(rawValue: 1000)
  package static let byteaArray = PostgresType(rawValue: 1001)
  package static let int2Array = PostgresType(rawValue: 1005)
  package static let int4Array = PostgresType(rawValue: 1007)
  package static let textArray = PostgresType(rawValue: 1009)
  package static let int8Array = PostgresType(rawValue: 1016)
  package static let float8Array = PostgresType(rawValue: 1022)
  package static let timestamptz = PostgresType(rawValue: 1184)
  package static let timestamptzArray = PostgresType(rawValue: 1185)
  package static let jsonb = PostgresType(rawValue: 3802)
  package static let xid8 = PostgresType(rawValue: 5069)

  /// Types whose binary form is their text: `"char"`, `name`, `text`, `json`, `unknown`, `bpchar`, `varchar`, and every
  /// user-defined one (enumerations; ids from 16384 on).
  var isTextual: Bool {
    switch rawValue {
    case 18, 19, 25, 114, 705, 1042, 1043: true
    default: rawValue >= 16384
    }
  }
}

/// One bound value as it goes to the server.
package struct Parameter: Sendable {
  enum Value: Sendable, Equatable {
    case null
    case binary([UInt8])
    /// Text ending in the NUL that libpq wants.
    case text([UInt8])
    /// Cannot be represented.
    case invalid
  }

  let type: PostgresType
  let value: Value
}

extension Bool: PostgresEncodable {
  package static var postgresType: PostgresType { .bool }
  package var postgresParameter: Parameter { Parameter(type: .bool, value: .binary([self ? 1 : 0])) }
}

extension Int16: PostgresEncodable {
  package static var postgresType: PostgresType { .int2 }
  package var postgresParameter: Parameter { Parameter(type: .int2, value: .binary(bigEndianBytes)) }
}

extension Int32: PostgresEncodable {
  package static var postgresType: PostgresType { .int4 }
  package var postgresParameter: Parameter { Parameter(type: .int4, value: .binary(bigEndianBytes)) }
}

extension Int64: PostgresEncodable {
  package static var postgresType: PostgresType { .int8 }
  package var postgresParameter: Parameter { Parameter(type: .int8, value: .binary(bigEndianBytes)) }
}

extension Int: PostgresEncodable {
  package static var postgresType: PostgresType { .int8 }
  package var postgresParameter: Parameter { Int64(self).postgresParameter }
}

extension Double: PostgresEncodable {
  package static var postgresType: PostgresType { .float8 }
  package var postgresParameter: Parameter { Parameter(type: .float8, value: .binary(bitPattern.bigEndianBytes)) }
}

/// Bound without a type, as text, so that the same `String` serves `text`, `jsonb`, an enumeration or `inet` columns.
extension String: PostgresEncodable {
  package static var postgresType: PostgresType { .inferred }
  package var postgresParameter: Parameter {
    var bytes = Array(utf8)
    guard !bytes.contains(0) else { return Parameter(type: .inferred, value: .invalid) }
    bytes.append(0)
    return Parameter(type: .inferred, value: .text(bytes))
  }
}

/// `timestamptz`, to the microsecond. Beyond the server's range (4713 BC to 294276 AD) it is invalid.
extension Date: PostgresEncodable {
  package static var postgresType: PostgresType { .timestamptz }
  package var postgresParameter: Parameter {
    let microseconds = ((timeIntervalSinceReferenceDate + Date.secondsFrom2000To2001) * 1_000_000).rounded()
    guard let exact = Int64(exactly: microseconds), Date.storableMicroseconds.contains(exact) else {
      return Parameter(type: .timestamptz, value: .invalid)
    }
    return Parameter(type: .timestamptz, value: .binary(exact.bigEndianBytes))
  }

  /// From the server's epoch, 2000-01-01, to Foundation's, 2001-01-01: a leap year.
  static let secondsFrom2000To2001 = 366.0 * 86_400
  /// `MIN_TIMESTAMP ..< END_TIMESTAMP` of the server's `datatype/timestamp.h`.
  static let storableMicroseconds: Range<Int64> = -211_813_488_000_000_000..<9_223_371_331_200_000_000
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  package static var postgresType: PostgresType { Wrapped.postgresType }
  package var postgresParameter: Parameter {
    self?.postgresParameter ?? Parameter(type: Wrapped.postgresType, value: .null)
  }
}

/// An id type or a state enumeration binds as its raw value.
extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  package static var postgresType: PostgresType { RawValue.postgresType }
  package var postgresParameter: Parameter { rawValue.postgresParameter }
}

extension FixedWidthInteger {
  /// Network order, as PostgreSQL's binary formats have it.
  var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
