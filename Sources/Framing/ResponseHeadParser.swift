/// Why an upstream's head is not believed. The upstream's connection is closed and the caller told 502.
package enum ResponseHeadError: Error, Sendable, Equatable {
  case headTooLarge
  case tooManyFields
  case invalidLineEnding
  case controlCharacter
  case malformedStatusLine
  case unsupportedVersion
  case foldedField
  case invalidFieldName
  case invalidContentLength
  /// Several lengths, a length beside `Transfer-Encoding`, or the latter in HTTP/1.0 or twice.
  case conflictingFraming
  case unsupportedTransferEncoding
  case invalidConnection
  /// 1xx, which another head follows, with the word that none does: `Connection: close`, or HTTP/1.0.
  case closingInformational
}

extension ResponseHeadError {
  init(_ error: FieldError) {
    self =
      switch error {
      case .folded: .foldedField
      case .invalidName, .aliasedName: .invalidFieldName
      }
  }
}

/// Reads response heads as their bytes arrive; used as ``RequestHeadParser`` is.
package struct ResponseHeadParser: Sendable {
  private let limits: Limits
  private var lines = HeadLines()
  private var hasStatusLine = false

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// - Parameter bytes: Begins with the head's first byte and may go on beyond the head.
  /// - Returns: True when `head` is whole, and the parser ready for the next; false when more bytes are needed.
  package mutating func parse(_ bytes: Span<UInt8>, into head: inout ResponseHead) throws(ResponseHeadError) -> Bool {
    while true {
      switch lines.next(bytes) {
      case .incomplete:
        if bytes.count >= limits.headBytes { throw .headTooLarge }
        return false
      case .invalidEnding: throw .invalidLineEnding
      case .controlCharacter: throw .controlCharacter
      case .line(let line):
        if lines.lineStart > limits.headBytes { throw .headTooLarge }
        if !hasStatusLine {
          try begin(bytes, line, &head)
        } else if !line.isEmpty {
          try addField(bytes, line, &head)
        } else {
          if head.isInformational, !head.keepsConnection { throw .closingInformational }
          head.byteCount = lines.lineStart
          self = ResponseHeadParser(limits: limits)
          return true
        }
      }
    }
  }

  /// `HTTP/1.x SP 3DIGIT`, then nothing, or a space and the reason.
  private mutating func begin(_ bytes: Span<UInt8>, _ line: ByteRange, _ head: inout ResponseHead)
    throws(ResponseHeadError)
  {
    head.reset()
    let at = line.lowerBound
    guard line.count >= 12 else { throw .malformedStatusLine }
    switch HTTPVersion.read(bytes, ByteRange(at, at + 8)) {
    case .version(let version): head.version = version
    case .unsupported: throw .unsupportedVersion
    case .malformed: throw .malformedStatusLine
    }
    guard bytes[at + 8] == 0x20, let status = bytes.decimal(ByteRange(at + 9, at + 12)),
      (100...999).contains(status), line.count == 12 || bytes[at + 12] == 0x20
    else { throw .malformedStatusLine }
    head.status = Int(status)
    head.statusText = ByteRange(at + 9, line.upperBound)
    hasStatusLine = true
  }

  private func addField(_ bytes: Span<UInt8>, _ line: ByteRange, _ head: inout ResponseHead)
    throws(ResponseHeadError)
  {
    guard head.fields.count < limits.fields else { throw .tooManyFields }
    let field: Field
    do { field = try Field(bytes, line: line, refusingAliases: false) } catch { throw ResponseHeadError(error) }
    switch field.kind {
    case .contentLength:
      guard let length = bytes.decimal(field.value), !bytes.hasTab(from: field.value.upperBound) else {
        throw .invalidContentLength
      }
      guard !head.isChunked, head.contentLength == nil else { throw .conflictingFraming }
      head.contentLength = length
    case .transferEncoding:
      guard head.contentLength == nil, !head.isChunked, head.version == .http11 else { throw .conflictingFraming }
      guard bytes.matches(field.value, "chunked"), !bytes.hasTab(from: field.value.upperBound) else {
        throw .unsupportedTransferEncoding
      }
      head.isChunked = true
    case .connection, .proxyConnection:
      guard let options = ConnectionOptions.of(field, in: bytes) else { throw .invalidConnection }
      head.connection.formUnion(options)
    default: break
    }
    head.fields.append(field)
  }
}
