/// A request's head: where its parts lie in the bytes it was read from, and what they say about framing.
///
/// It holds no bytes. All offsets count from the head's first byte, so whoever asks passes a span that begins there.
/// One value is used again for every request of a connection and keeps its storage.
package struct RequestHead: Sendable, Equatable {
  package internal(set) var method: ByteRange = .none
  /// The target as it was sent: the path, and `?` and the query if there is one.
  package internal(set) var target: ByteRange = .none
  /// Checked by ``RequestPath``; begins with `/`.
  package internal(set) var path: ByteRange = .none
  /// What follows the `?`; nil when there is none.
  package internal(set) var query: ByteRange?
  package internal(set) var version: HTTPVersion = .http11
  package internal(set) var fields: [Field] = []
  /// The value of `Host`; nil only in HTTP/1.0.
  package internal(set) var host: ByteRange?
  package internal(set) var body: RequestBody = .none
  package internal(set) var connection: ConnectionOptions = []
  /// Whether the client wants the connection kept for another request.
  package internal(set) var keepsConnection = false
  /// The client waits for `100 Continue` before it sends the body.
  package internal(set) var expectsContinue = false
  package internal(set) var isHEAD = false
  /// The head's bytes, the empty line included; the body begins here.
  package internal(set) var byteCount = 0

  package init() {}

  /// Whether `Connection` names `field`, so that it is not forwarded.
  package func isNamedByConnection(_ field: Field, in bytes: Span<UInt8>) -> Bool {
    connection.contains(.namesFields) && bytes.connectionNames(field, among: fields)
  }

  /// The first field of this kind.
  @inline(__always)
  package func first(_ kind: FieldName) -> Field? {
    for field in fields where field.kind == kind { return field }
    return nil
  }

  /// The value of the field of this kind; nil when there is none.
  /// - Throws: When there are several.
  package func only(_ kind: FieldName) throws(RequestHeadError) -> ByteRange? {
    var found: ByteRange?
    for field in fields where field.kind == kind {
      guard found == nil else { throw .malformedRequestLine }
      found = field.value
    }
    return found
  }

  /// The value of the field of this kind; nil when there is none, or several.
  package func single(_ kind: FieldName) -> ByteRange? {
    guard let value = try? only(kind) else { return nil }
    return value
  }

  mutating func reset() {
    query = nil
    host = nil
    body = .none
    connection = []
    keepsConnection = false
    expectsContinue = false
    isHEAD = false
    fields.removeAll(keepingCapacity: true)
  }
}

/// How a request's body ends (RFC 9112 §6.3).
package enum RequestBody: Sendable, Equatable {
  case none
  /// `Content-Length`, at most 2⁶³ − 1.
  case length(UInt64)
  case chunked
}
