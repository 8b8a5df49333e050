/// A request told in another's fields, judged as if it had come by itself.
package enum OriginalRequest {
  /// Whether `range` is a method that a request line may have.
  package static func checkMethod(_ bytes: Span<UInt8>, _ range: ByteRange) throws(RequestHeadError) {
    guard bytes.isToken(range) else { throw .malformedRequestLine }
    if bytes.matches(range, "trace") || bytes.matches(range, "connect") { throw .unsupportedMethod }
  }

  /// The path within a target in origin form.
  package static func path(_ bytes: Span<UInt8>, _ target: ByteRange) throws(RequestHeadError) -> ByteRange {
    try RequestLine.splitTarget(bytes, target).path
  }
}
