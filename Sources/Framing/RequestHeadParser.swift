/// Reads request heads, stricter than RFC 9112 allows, as their bytes arrive.
///
/// Call ``parse(_:into:)`` with all bytes since the head's first whenever more arrived; what was looked at is not
/// looked at again. After an error the parser is spent.
package struct RequestHeadParser: Sendable {
  private let limits: Limits
  private var lines = HeadLines()
  private var hasRequestLine = false
  private var hasTransferEncoding = false

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// Whether a part of a head has been read.
  package var isInsideHead: Bool { hasRequestLine }

  /// - Parameter bytes: Begins with the head's first byte and may go on beyond the head.
  /// - Returns: True when `head` is whole, and the parser ready for the next; false when more bytes are needed.
  package mutating func parse(_ bytes: Span<UInt8>, into head: inout RequestHead) throws(RequestHeadError) -> Bool {
    while true {
      switch lines.next(bytes) {
      case .incomplete:
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return false
      case .invalidEnding: throw .invalidLineEnding
      case .controlCharacter: throw .controlCharacter
      case .line(let line):
        if lines.lineStart > limits.headBytes { throw .headTooLarge }
        if !hasRequestLine {
          try begin(bytes, line, &head)
        } else if !line.isEmpty {
          try addField(bytes, line, &head)
        } else {
          try finish(&head)
          return true
        }
      }
    }
  }

  private mutating func begin(_ bytes: Span<UInt8>, _ line: ByteRange, _ head: inout RequestHead)
    throws(RequestHeadError)
  {
    head.reset()
    hasTransferEncoding = false
    try RequestLine.read(bytes, line, into: &head)
    hasRequestLine = true
  }

  private mutating func addField(_ bytes: Span<UInt8>, _ line: ByteRange, _ head: inout RequestHead)
    throws(RequestHeadError)
  {
    guard head.fields.count < limits.fields else { throw .tooManyFields }
    let field: Field
    do { field = try Field(bytes, line: line, refusingAliases: true) } catch { throw RequestHeadError(error) }
    switch field.kind {
    case .other: break
    case .host: try setHost(bytes, field.value, &head)
    case .contentLength: try setContentLength(bytes, field.value, &head)
    case .transferEncoding: try setTransferEncoding(bytes, field.value, &head)
    case .connection, .proxyConnection:
      guard let options = ConnectionOptions.of(field, in: bytes) else { throw .invalidConnection }
      head.connection.formUnion(options)
    case .expect:
      guard bytes.matches(field.value, "100-continue") else { throw .unsupportedExpectation }
      head.expectsContinue = true
    default: break
    }
    head.fields.append(field)
  }

  private func setHost(_ bytes: Span<UInt8>, _ value: ByteRange, _ head: inout RequestHead) throws(RequestHeadError) {
    guard head.host == nil else { throw .repeatedHost }
    guard HostField.isValid(bytes, value) else { throw .invalidHost }
    head.host = value
  }

  private func setContentLength(_ bytes: Span<UInt8>, _ value: ByteRange, _ head: inout RequestHead)
    throws(RequestHeadError)
  {
    if case .length = head.body { throw .repeatedContentLength }
    guard !hasTransferEncoding else { throw .conflictingFraming }
    guard let length = bytes.decimal(value), !bytes.hasTab(from: value.upperBound) else { throw .invalidContentLength }
    head.body = .length(length)
  }

  private mutating func setTransferEncoding(_ bytes: Span<UInt8>, _ value: ByteRange, _ head: inout RequestHead)
    throws(RequestHeadError)
  {
    guard !hasTransferEncoding else { throw .repeatedTransferEncoding }
    guard head.body == .none, head.version == .http11 else { throw .conflictingFraming }
    guard bytes.matches(value, "chunked"), !bytes.hasTab(from: value.upperBound) else {
      throw .unsupportedTransferEncoding
    }
    hasTransferEncoding = true
    head.body = .chunked
  }

  private mutating func finish(_ head: inout RequestHead) throws(RequestHeadError) {
    guard head.host != nil || head.version == .http10 else { throw .missingHost }
    // An expectation without a body, or from a 1.0 client, means nothing (RFC 9110 §10.1.1).
    if head.body == .none || head.body == .length(0) || head.version == .http10 { head.expectsContinue = false }
    head.keepsConnection = isPersistent(head.version, head.connection)
    head.byteCount = lines.lineStart
    lines = HeadLines()
    hasRequestLine = false
  }
}
