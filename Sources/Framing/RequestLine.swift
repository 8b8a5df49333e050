/// The first line of a request: method SP target SP version, with exactly one space between (RFC 9112 §3).
enum RequestLine {
  static func read(_ bytes: Span<UInt8>, _ line: ByteRange, into head: inout RequestHead) throws(RequestHeadError) {
    var at = line.lowerBound
    while at < line.upperBound, ByteSet.token.contains(bytes[at]) { at &+= 1 }
    guard at > line.lowerBound, at < line.upperBound, bytes[at] == 0x20 else { throw .malformedRequestLine }
    head.method = ByteRange(line.lowerBound, at)

    // The version is read first: what is not HTTP/1 has another idea of a target.
    guard line.upperBound &- at >= 1 + 1 + 1 + 8, bytes[line.upperBound &- 9] == 0x20 else {
      throw .malformedRequestLine
    }
    head.target = ByteRange(at &+ 1, line.upperBound &- 9)
    switch HTTPVersion.read(bytes, ByteRange(line.upperBound &- 8, line.upperBound)) {
    case .version(let version): head.version = version
    case .unsupported: throw .unsupportedVersion
    case .malformed: throw .malformedRequestLine
    }
    try readMethod(bytes, &head)
    try readTarget(bytes, &head)
  }

  private static func readMethod(_ bytes: Span<UInt8>, _ head: inout RequestHead) throws(RequestHeadError) {
    switch head.method.count {
    case 4: head.isHEAD = bytes.isExactly(head.method, "HEAD")
    case 5: if bytes.matches(head.method, "trace") { throw .unsupportedMethod }
    case 7: if bytes.matches(head.method, "connect") { throw .unsupportedMethod }
    default: break
    }
  }

  private static func readTarget(_ bytes: Span<UInt8>, _ head: inout RequestHead) throws(RequestHeadError) {
    let parts = try splitTarget(bytes, head.target)
    head.path = parts.path
    head.query = parts.query
  }

  /// Checks a target in origin form and finds its parts (RFC 9112 §3.2.1).
  static func splitTarget(_ bytes: Span<UInt8>, _ target: ByteRange) throws(RequestHeadError)
    -> (path: ByteRange, query: ByteRange?)
  {
    guard !target.isEmpty, bytes[target.lowerBound] == 0x2F else { throw .unsupportedTarget }
    let end: Int
    do { end = try RequestPath.check(bytes, target) } catch { throw .unsafePath(error) }
    let path = ByteRange(target.lowerBound, end)
    guard end < target.upperBound else { return (path, nil) }
    // A `#` would begin a fragment.
    let query = ByteRange(end &+ 1, target.upperBound)
    guard bytes.isQuery(query) else { throw .invalidQuery }
    return (path, query)
  }
}

extension Span<UInt8> {
  /// Whether the bytes in `range` are `text`, in the same case.
  func isExactly(_ range: ByteRange, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    // Safe: a static string's bytes live for ever, and the index stays below its count.
    for index in 0..<range.count where self[range.lowerBound + index] != text.utf8Start[index] { return false }
    return true
  }
}
