/// Finds a message body's bytes among those of its connection, whichever way the body is framed.
package struct BodyDecoder: Sendable {
  private enum Framing { case length, chunked, untilClose }

  private var framing: Framing
  private var remaining: UInt64
  /// Of a chunked body only, since a decoder is made for each message.
  private var chunks: ChunkedDecoder?
  /// Whether the body has ended; bytes after it belong to the next message.
  package private(set) var isComplete: Bool
  /// The trailer fields; their offsets count from ``BodyStep``'s first byte in the step that ended the body.
  package private(set) var trailers: [Field] = []

  private init(framed framing: Framing, remaining: UInt64 = 0, limits: Limits) {
    self.framing = framing
    self.remaining = remaining
    self.chunks = framing == .chunked ? ChunkedDecoder(limits: limits) : nil
    self.isComplete = framing == .length && remaining == 0
  }

  package init(_ body: RequestBody, limits: Limits = Limits()) {
    switch body {
    case .none: self.init(framed: .length, limits: limits)
    case .length(let length): self.init(framed: .length, remaining: length, limits: limits)
    case .chunked: self.init(framed: .chunked, limits: limits)
    }
  }

  package init(_ body: ResponseBody, limits: Limits = Limits()) {
    switch body {
    case .none: self.init(framed: .length, limits: limits)
    case .length(let length): self.init(framed: .length, remaining: length, limits: limits)
    case .chunked: self.init(framed: .chunked, limits: limits)
    case .untilClose: self.init(framed: .untilClose, limits: limits)
    }
  }

  /// Looks at the front of `bytes`; call it again behind what the step took until it needs more.
  @inline(__always)
  package mutating func next(_ bytes: Span<UInt8>) throws(BodyError) -> BodyStep {
    switch framing {
    case .length:
      let count = remaining < UInt64(bytes.count) ? Int(remaining) : bytes.count
      remaining &-= UInt64(count)
      isComplete = remaining == 0
      return BodyStep(data: count, isEnd: isComplete)
    case .untilClose:
      return BodyStep(data: bytes.count)
    case .chunked:
      return try nextOfChunks(bytes)
    }
  }

  private mutating func nextOfChunks(_ bytes: Span<UInt8>) throws(BodyError) -> BodyStep {
    guard let step = try chunks?.next(bytes) else { preconditionFailure("chunks are read by their own decoder") }
    isComplete = step.isEnd
    if isComplete, let chunks { trailers = chunks.trailers }
    return step
  }

  /// Tells that the connection was closed by its sender.
  /// - Returns: Whether that ends the body; if not, it was cut off.
  package mutating func connectionClosed() -> Bool {
    if framing == .untilClose { isComplete = true }
    return isComplete
  }
}
