import Testing

@testable import Framing

/// What a body read as, and what was left behind it.
private struct Reading: Equatable {
  var data = ""
  var trailers: [String] = []
  var rest = ""
  var isEnd = false
}

/// Reads `text` as a body whose bytes arrive in pieces that end at `splits`.
private func read(_ text: String, _ body: RequestBody, splits: [Int], limits: Limits = Limits()) throws(BodyError)
  -> Reading
{
  let bytes = Array(text.utf8)
  var decoder = BodyDecoder(body, limits: limits)
  var reading = Reading()
  var (data, start) = ([UInt8](), 0)
  reading.isEnd = decoder.isComplete
  for end in splits + [bytes.count] {
    while !reading.isEnd {
      let step = try decoder.next(bytes.span.extracting(start..<end))
      if step.needsMore { break }
      data += bytes[(start + step.framing)..<(start + step.framing + step.data)]
      if step.isEnd {
        reading.trailers = decoder.trailers.map {
          let piece = bytes.span.extracting(start..<end)
          return piece.string($0.name) + "=" + piece.string($0.value)
        }
      }
      start += step.framing + step.data
      reading.isEnd = step.isEnd
    }
  }
  reading.data = String(decoding: data, as: UTF8.self)
  reading.rest = String(decoding: bytes[start...], as: UTF8.self)
  return reading
}

private func next(_ decoder: inout BodyDecoder, _ bytes: [UInt8]) throws(BodyError) -> BodyStep {
  try decoder.next(bytes.span)
}

private func refusal(of text: String, splits: [Int], limits: Limits = Limits()) -> BodyError? {
  do {
    _ = try read(text, .chunked, splits: splits, limits: limits)
    return nil
  } catch { return error }
}

@Suite struct BodyDecoderTests {
  static let chunked = "5\r\nhello\r\n00A\r\n 0123\r\n456\r\n0\r\nX-Sum: 1\r\nHost: a\r\nB:\r\n\r\nGET /"

  @Test func readsChunksAndTrailers() throws {
    let reading = try read(Self.chunked, .chunked, splits: [])
    #expect(reading == Reading(data: "hello 0123\r\n456", trailers: ["X-Sum=1", "B="], rest: "GET /", isEnd: true))
  }

  @Test(arguments: [
    (chunked, RequestBody.chunked), ("0\r\n\r\nx", .chunked), ("1\r\na\r\n0\r\n\r\n", .chunked),
    ("helloGET", .length(5)), ("GET", .none), ("GET", .length(0)),
  ])
  func readsTheSameWhereverTheBytesAreSplit(text: String, body: RequestBody) throws {
    let whole = try read(text, body, splits: [])
    #expect(whole.isEnd)
    for split in 0..<text.utf8.count {
      #expect(try read(text, body, splits: [split]) == whole, "split at \(split)")
    }
    #expect(try read(text, body, splits: Array(0..<text.utf8.count)) == whole)
  }

  @Test(arguments: [
    ("\r\n", BodyError.invalidChunkSize), ("g\r\n", .invalidChunkSize), ("+5\r\nhello", .invalidChunkSize),
    ("-5\r\nhello", .invalidChunkSize), ("0x5\r\nhello", .invalidChunkSize), (" 5\r\nhello", .invalidChunkSize),
    ("5 \r\nhello", .chunkExtension), ("5\t\r\nhello", .chunkExtension), ("5;a=b\r\nhello", .chunkExtension),
    ("5;\r\nhello", .chunkExtension), ("0;a\r\n\r\n", .chunkExtension), ("5\nhello", .invalidLineEnding),
    ("5\rhello", .invalidLineEnding), ("5\r\nhello\n0\r\n\r\n", .invalidLineEnding),
    ("5\r\nhello!\r\n", .invalidLineEnding), ("5\r\nhello\r0", .invalidLineEnding),
    ("5\r\nhello0\r\n\r\n", .invalidLineEnding), ("0\r\n\n", .invalidLineEnding),
    ("0\r\nA: b\n\r\n", .invalidLineEnding),
    ("0\r\nA : b\r\n\r\n", .invalidTrailer), ("0\r\nA\r\n\r\n", .invalidTrailer),
    ("0\r\nX_Latchkey_Tenant: t\r\n\r\n", .invalidTrailer), ("0\r\n A: b\r\n\r\n", .invalidTrailer),
    ("0\r\nA: \u{0}\r\n\r\n", .invalidLineEnding), ("0\r\nContent-Length: 1\r\n\r\n", .invalidTrailer),
    ("0\r\nTransfer-Encoding: chunked\r\n\r\n", .invalidTrailer), ("0\r\nconnection: close\r\n\r\n", .invalidTrailer),
    ("0\r\nProxy-Connection: close\r\n\r\n", .invalidTrailer), ("FFFFFFFFFFFFFFFF\r\n", .chunkTooLarge),
    ("8000000000000000\r\n", .chunkTooLarge),
    ("00000000000000005\r\nhello", .chunkTooLarge),
  ])
  func refusesLooseChunks(text: String, error: BodyError) {
    for splits in [[], Array(0..<text.utf8.count)] {
      #expect(refusal(of: text, splits: splits) == error)
    }
  }

  @Test(arguments: [
    "Host: a", "Cookie: a",
    "Authorization: x", "X-Latchkey-Tenant: t", "X-Forwarded-For: 1", "jdcloud-apim-subscription-key: k",
    "Set-Cookie: a=b", "TE: x", "X-Request-Id: x", "Trailer: x",
  ])
  func dropsForbiddenTrailers(line: String) throws {
    let reading = try read("0\r\n\(line)\r\nOk: 1\r\n\r\n", .chunked, splits: [])
    #expect(reading.trailers == ["Ok=1"])
  }

  @Test func boundsTheTrailerSection() {
    let long = "0\r\nA: " + String(repeating: "x", count: 100)
    for text in [long, long + "\r\n\r\n"] {
      #expect(refusal(of: text, splits: [], limits: Limits(trailerBytes: 50)) == .trailersTooLarge)
    }
  }

  @Test func tellsACutBodyFromAWholeOne() throws {
    var length = BodyDecoder(ResponseBody.length(5))
    #expect(try next(&length, [1, 2, 3]) == BodyStep(data: 3))
    let lengthEnded = length.connectionClosed()
    #expect(!lengthEnded)
    var chunked = BodyDecoder(ResponseBody.chunked)
    #expect(try next(&chunked, Array("1\r\na\r\n".utf8)) == BodyStep(framing: 3, data: 1))
    let chunkedEnded = chunked.connectionClosed()
    #expect(!chunkedEnded)
    var close = BodyDecoder(ResponseBody.untilClose)
    #expect(try next(&close, [1, 2]) == BodyStep(data: 2))
    #expect(!close.isComplete)
    let closeEnded = close.connectionClosed()
    #expect(closeEnded && close.isComplete)
    #expect(BodyDecoder(ResponseBody.none).isComplete)
  }

  @Test(arguments: [
    (1, "1\r\n"), (15, "f\r\n"), (16, "10\r\n"), (65536, "10000\r\n"), (Int.max, "7fffffffffffffff\r\n"),
  ])
  func writesChunkSizes(count: Int, line: String) {
    var storage = [UInt8](repeating: 0, count: ChunkedEncoder.sizeLineCapacity)
    let written = storage.withUnsafeMutableBytes { buffer in
      var output = OutputRawSpan(buffer: buffer, initializedCount: 0)
      ChunkedEncoder.appendSizeLine(count, to: &output)
      return output.finalize(for: buffer)
    }
    #expect(String(decoding: storage[..<written], as: UTF8.self) == line)
  }
}
