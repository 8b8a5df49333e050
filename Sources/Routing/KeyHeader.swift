import Framing

/// A header, besides the default one, that a group's callers may send their key in.
struct KeyHeader: Sendable {
  /// In the case that the provider wrote.
  let name: [UInt8]
  /// `Authorization` carries a key for the scheme `Bearer` only; other schemes are the backend's own business.
  private let isAuthorization: Bool

  init(_ name: String) {
    self.name = Array(name.utf8)
    isAuthorization = name.lowercased() == "authorization"
  }

  /// Whether `field` is a credential by this header's name, or by one that many servers take for it (`_` for `-`).
  func admits(_ field: Field, in bytes: Span<UInt8>) -> Bool {
    isNamed(field, in: bytes, takingUnderscoreForDash: true) && (!isAuthorization || isBearer(field.value, in: bytes))
  }

  /// Where the key lies in the value of a `field` that is admitted; `nil` when the name is only an alias.
  func key(in field: Field, _ bytes: Span<UInt8>) -> ByteRange? {
    guard isNamed(field, in: bytes, takingUnderscoreForDash: false) else { return nil }
    guard isAuthorization else { return field.value }
    var start = field.value.lowerBound + Self.scheme.utf8CodeUnitCount
    while start < field.value.upperBound, bytes[start] == Ascii.space { start += 1 }
    return ByteRange(start, field.value.upperBound)
  }

  private func isNamed(_ field: Field, in bytes: Span<UInt8>, takingUnderscoreForDash: Bool) -> Bool {
    bytes.matches(
      field.name, name: name.span, ByteRange(0, name.count), takingUnderscoreForDash: takingUnderscoreForDash)
  }

  private static let scheme: StaticString = "bearer"

  /// Whether the scheme, which ends at a blank or with the value, is `Bearer` in any case (RFC 9110 §11.1).
  private func isBearer(_ value: ByteRange, in bytes: Span<UInt8>) -> Bool {
    let length = Self.scheme.utf8CodeUnitCount
    guard value.count >= length, bytes.matches(value.prefix(length), Self.scheme) else { return false }
    guard value.count > length else { return true }
    let next = bytes[value.lowerBound + length]
    return next == Ascii.space || next == Ascii.tab
  }
}
