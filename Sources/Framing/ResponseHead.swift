/// A response's head: where its parts lie in the bytes it was read from, and what they say about framing.
///
/// As with ``RequestHead``, offsets count from the head's first byte and the value is used again.
package struct ResponseHead: Sendable, Equatable {
  package internal(set) var status = 0
  /// Where the three digits lie, and after them the space and the reason, if there is one.
  package internal(set) var statusText: ByteRange = .none
  package internal(set) var version: HTTPVersion = .http11
  package internal(set) var fields: [Field] = []
  package internal(set) var contentLength: UInt64?
  package internal(set) var isChunked = false
  package internal(set) var connection: ConnectionOptions = []
  /// The head's bytes, the empty line included; the body begins here.
  package internal(set) var byteCount = 0

  package init() {}

  /// 1xx: another head follows.
  package var isInformational: Bool { status < 200 }

  /// Whether the upstream keeps the connection for another request, once the body has ended by itself.
  package var keepsConnection: Bool { isPersistent(version, connection) }

  /// How the body ends (RFC 9112 §6.3).
  package func body(toHEAD: Bool) -> ResponseBody {
    if toHEAD || status < 200 || status == 204 || status == 304 { return .none }
    if isChunked { return .chunked }
    if let contentLength { return .length(contentLength) }
    return .untilClose
  }

  /// Whether `Connection` names `field`, so that it is not forwarded.
  package func isNamedByConnection(_ field: Field, in bytes: Span<UInt8>) -> Bool {
    connection.contains(.namesFields) && bytes.connectionNames(field, among: fields)
  }

  mutating func reset() {
    contentLength = nil
    isChunked = false
    connection = []
    fields.removeAll(keepingCapacity: true)
  }
}

/// How a response's body ends.
package enum ResponseBody: Sendable, Equatable {
  case none
  case length(UInt64)
  case chunked
  /// With the connection; what is cut off cannot be told from what is whole.
  case untilClose
}
