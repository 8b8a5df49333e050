/// What the `Connection` fields of a head ask for (RFC 9110 §7.6.1).
package struct ConnectionOptions: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let close = ConnectionOptions(rawValue: 1)
  package static let keepAlive = ConnectionOptions(rawValue: 2)
  package static let upgrade = ConnectionOptions(rawValue: 4)
  /// It names other fields, which are about this connection too and are not forwarded.
  package static let namesFields = ConnectionOptions(rawValue: 8)

  /// What a `Connection` field asks for, or a `Proxy-Connection`: no standard knows the latter, but llhttp for one closes
  /// the connection for it.
  /// - Returns: nil when an element is not a token, or a tab stands beside one.
  static func of(_ field: Field, in bytes: Span<UInt8>) -> ConnectionOptions? {
    guard let options = parse(bytes, field.value), !bytes.hasTab(from: field.value.lowerBound) else { return nil }
    return field.kind == .connection ? options : options.intersection(.close)
  }

  /// Adds the options in the list at `range`.
  /// - Returns: nil when an element is not a token.
  static func parse(_ bytes: Span<UInt8>, _ range: ByteRange) -> ConnectionOptions? {
    if bytes.matches(range, "keep-alive") { return .keepAlive }
    if bytes.matches(range, "close") { return .close }
    var options: ConnectionOptions = []
    var valid = true
    bytes.forEachElement(range) { element in
      if bytes.matches(element, "close") {
        options.insert(.close)
      } else if bytes.matches(element, "keep-alive") {
        options.insert(.keepAlive)
      } else if bytes.matches(element, "upgrade") {
        options.insert(.upgrade)
      } else {
        options.insert(.namesFields)
        valid = valid && bytes.isToken(element)
      }
    }
    return valid ? options : nil
  }
}

/// Whether the connection stays open after the message, from its version and options (RFC 9112 §9.3).
@inline(__always)
func isPersistent(_ version: HTTPVersion, _ options: ConnectionOptions) -> Bool {
  if options.contains(.close) { return false }
  return version == .http11 || options.contains(.keepAlive)
}

extension Span<UInt8> {
  /// Whether one of the `Connection` fields among `fields` names `field`.
  func connectionNames(_ field: Field, among fields: [Field]) -> Bool {
    for connection in fields where connection.kind == .connection {
      var named = false
      forEachElement(connection.value) { element in
        named = named || matches(element, name: self, field.name)
      }
      if named { return true }
    }
    return false
  }
}
