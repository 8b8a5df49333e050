import Framing

/// Reads traffic with `Framing`, as the gateway's connections do: a head, its body, the next head, and nothing after a
/// message that does not keep the connection.
struct OurReader {
  private let traffic: Traffic
  private var input: [UInt8] = []
  /// Where `input` begins in the traffic.
  private var consumed = 0
  private var body: BodyDecoder?
  private var requestParser = RequestHeadParser()
  private var responseParser = ResponseHeadParser()
  private var requestHead = RequestHead()
  private var responseHead = ResponseHead()
  private var answered = 0
  private var reading = Reading()

  static func read(_ traffic: Traffic) -> Reading {
    var reader = OurReader(traffic)
    for piece in traffic.pieces where reader.isOpen {
      reader.input += piece
      reader.advance()
    }
    reader.finish()
    return reader.reading
  }

  private init(_ traffic: Traffic) { self.traffic = traffic }

  private var isOpen: Bool {
    if case .open = reading.ending { true } else { false }
  }

  private mutating func advance() {
    while isOpen {
      do {
        guard try body == nil ? readHead() : readBody() else { break }
      } catch { reading.ending = .refused("\(error)") }
    }
    if isOpen { reading.ending = .open(isMidLine: !input.isEmpty) }
  }

  private mutating func finish() {
    guard isOpen, body != nil else { return }
    if body?.connectionClosed() == true, reading.messages.last?.isComplete == false {
      reading.messages[reading.messages.count - 1].isComplete = true
      reading.endedByClose = true
    }
  }

  private mutating func readHead() throws -> Bool {
    guard !input.isEmpty else { return false }
    let bytes = input
    switch traffic.direction {
    case .requests:
      guard try requestParser.parse(bytes.span, into: &requestHead) else { return false }
      reading.messages.append(message(requestHead))
      body = BodyDecoder(requestHead.body)
      consume(requestHead.byteCount)
    case .responses:
      guard try responseParser.parse(bytes.span, into: &responseHead) else { return false }
      // Nobody asked for an upgrade, so the gateway takes such an answer for none.
      if responseHead.status == 101 { throw UnaskedUpgrade() }
      let framing = responseHead.body(toHEAD: traffic.toHEAD[answered])
      reading.messages.append(message(responseHead, framing))
      if !responseHead.isInformational { answered += 1 }
      body = BodyDecoder(framing)
      consume(responseHead.byteCount)
    }
    if body?.isComplete == true { endMessage() }
    return true
  }

  private mutating func readBody() throws -> Bool {
    guard var decoder = body, !input.isEmpty else { return false }
    let step = try decoder.next(input.span)
    body = decoder
    let last = reading.messages.count - 1
    reading.messages[last].body += input[step.framing..<(step.framing + step.data)]
    if step.isEnd { reading.messages[last].trailers = decoder.trailers.map { line($0) } }
    consume(step.framing + step.data)
    if step.isEnd { endMessage() }
    return !step.needsMore
  }

  private mutating func consume(_ count: Int) {
    input.removeFirst(count)
    consumed += count
  }

  private mutating func endMessage() {
    let last = reading.messages.count - 1
    reading.messages[last].isComplete = true
    body = nil
    if reading.messages[last].keepsConnection == false || answered == traffic.toHEAD.count { reading.ending = .closed }
  }

  private struct UnaskedUpgrade: Error {}
}

// MARK: What was read

extension OurReader {
  private func message(_ head: RequestHead) -> Reading.Message {
    Reading.Message(
      start: [bytes(head.method), bytes(head.target)],
      method: (consumed + head.method.lowerBound)..<(consumed + head.method.upperBound),
      minorVersion: head.version == .http11 ? 1 : 0,
      fields: head.fields.map { line($0) }, keepsConnection: head.keepsConnection,
      asksForUpgrade: head.connection.contains(.upgrade) && head.first(.upgrade) != nil)
  }

  private func message(_ head: ResponseHead, _ framing: ResponseBody) -> Reading.Message {
    Reading.Message(
      start: [Array("\(head.status)".utf8)], minorVersion: head.version == .http11 ? 1 : 0,
      fields: head.fields.map { line($0) },
      keepsConnection: head.isInformational ? nil : head.keepsConnection && framing != .untilClose)
  }

  private func line(_ field: Field) -> Reading.Line {
    Reading.Line(name: bytes(field.name), value: bytes(field.value))
  }

  private func bytes(_ range: ByteRange) -> [UInt8] { repaired(input[range.lowerBound..<range.upperBound]) }
}
