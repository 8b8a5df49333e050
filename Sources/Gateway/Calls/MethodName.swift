import Framing

/// A request's method as metrics name it: those that are registered, and `_OTHER` for all that anybody may think of.
enum MethodName: UInt8, CaseIterable, Sendable {
  case get, head, post, put, delete, connect, options, trace, patch, query, other

  init(_ range: ByteRange, in bytes: Span<UInt8>) {
    self =
      switch range.count {
      case 3: bytes.areExactly(range, "GET") ? .get : bytes.areExactly(range, "PUT") ? .put : .other
      case 4: bytes.areExactly(range, "HEAD") ? .head : bytes.areExactly(range, "POST") ? .post : .other
      case 5:
        bytes.areExactly(range, "TRACE")
          ? .trace : bytes.areExactly(range, "PATCH") ? .patch : bytes.areExactly(range, "QUERY") ? .query : .other
      case 6: bytes.areExactly(range, "DELETE") ? .delete : .other
      case 7:
        bytes.areExactly(range, "OPTIONS") ? .options : bytes.areExactly(range, "CONNECT") ? .connect : .other
      default: .other
      }
  }

  /// The value of the label `http_request_method`.
  var label: String { self == .other ? "_OTHER" : "\(self)".uppercased() }
}

extension Span<UInt8> {
  /// Whether the bytes in `range` are `text`, case included.
  fileprivate func areExactly(_ range: ByteRange, _ text: StaticString) -> Bool {
    // Safe: a static string's bytes live for ever, and the offset stays below its count, which is the range's.
    for offset in 0..<range.count where self[range.lowerBound + offset] != text.utf8Start[offset] { return false }
    return true
  }
}
