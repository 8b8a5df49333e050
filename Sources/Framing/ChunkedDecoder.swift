/// Reads the chunked transfer coding (RFC 9112 §7.1), strictly: CRLF only, no extensions, sizes of at most sixteen
/// digits, bounded trailers.
struct ChunkedDecoder: Sendable {
  private enum State {
    case size(value: UInt64, digits: UInt8)
    case sizeLineFeed(value: UInt64)
    case data(remaining: UInt64)
    case dataReturn, dataLineFeed
    case trailers
  }

  private let limits: Limits
  private var state = State.size(value: 0, digits: 0)
  private var lines = HeadLines()
  /// The trailer fields, forbidden ones left out.
  private(set) var trailers: [Field] = []

  init(limits: Limits) { self.limits = limits }

  mutating func next(_ bytes: Span<UInt8>) throws(BodyError) -> BodyStep {
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      switch state {
      case .size(let value, let digits):
        state = try afterSize(byte, value, digits)
      case .sizeLineFeed(let value):
        guard byte == 0x0A else { throw .invalidLineEnding }
        state = value == 0 ? .trailers : .data(remaining: value)
      case .data(let remaining):
        return takeData(remaining, framing: at, available: bytes.count &- at)
      case .dataReturn:
        guard byte == 0x0D else { throw .invalidLineEnding }
        state = .dataLineFeed
      case .dataLineFeed:
        guard byte == 0x0A else { throw .invalidLineEnding }
        state = .size(value: 0, digits: 0)
      case .trailers:
        // The section is read from its own first byte, which the next call begins with.
        if at > 0 { return BodyStep(framing: at) }
        return try takeTrailers(bytes)
      }
      at &+= 1
    }
    return BodyStep(framing: at)
  }

  private func afterSize(_ byte: UInt8, _ value: UInt64, _ digits: UInt8) throws(BodyError) -> State {
    if let digit = byte.hexValue {
      guard digits < 16, value <= UInt64.max &>> 5 else { throw .chunkTooLarge }
      return .size(value: value &<< 4 | UInt64(digit), digits: digits &+ 1)
    }
    guard digits > 0 else { throw .invalidChunkSize }
    switch byte {
    case 0x0D: return .sizeLineFeed(value: value)
    case 0x3B, 0x20, 0x09: throw .chunkExtension
    case 0x0A: throw .invalidLineEnding
    default: throw .invalidChunkSize
    }
  }

  private mutating func takeData(_ remaining: UInt64, framing: Int, available: Int) -> BodyStep {
    let count = remaining < UInt64(available) ? Int(remaining) : available
    let left = remaining &- UInt64(count)
    state = left == 0 ? .dataReturn : .data(remaining: left)
    return BodyStep(framing: framing, data: count)
  }

  private mutating func takeTrailers(_ bytes: Span<UInt8>) throws(BodyError) -> BodyStep {
    while true {
      switch lines.next(bytes) {
      case .incomplete:
        if bytes.count >= limits.trailerBytes { throw .trailersTooLarge }
        return BodyStep()
      case .invalidEnding, .controlCharacter: throw .invalidLineEnding
      case .line(let line):
        if lines.lineStart > limits.trailerBytes { throw .trailersTooLarge }
        if line.isEmpty { return BodyStep(framing: lines.lineStart, isEnd: true) }
        try addTrailer(bytes, line)
      }
    }
  }

  private mutating func addTrailer(_ bytes: Span<UInt8>, _ line: ByteRange) throws(BodyError) {
    let field: Field
    do { field = try Field(bytes, line: line, refusingAliases: true) } catch { throw .invalidTrailer }
    switch field.kind {
    // Some servers believe them there, and would see another message's end.
    case .contentLength, .transferEncoding, .connection, .proxyConnection: throw .invalidTrailer
    default: if !field.kind.isForbiddenInTrailers { trailers.append(field) }
    }
  }
}
