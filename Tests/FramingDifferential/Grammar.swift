/// Makes messages after HTTP's grammar, each part of which is at times an odd one: what clients, proxies and attackers
/// have been seen to send.
struct Grammar {
  var random: SeededGenerator
  /// One part in so many is odd; 0: none.
  let oddity: Int

  private(set) var bytes: [UInt8] = []

  init(_ random: SeededGenerator, oddity: Int) { (self.random, self.oddity) = (random, oddity) }

  private mutating func isOdd() -> Bool { oddity > 0 && random.once(in: oddity) }

  /// Appends a usual form, or one in so many times an odd one.
  private mutating func put(_ usual: [String], odd: [String] = []) {
    put(!odd.isEmpty && isOdd() ? random.pick(odd) : random.pick(usual))
  }

  /// Appends text whose characters are bytes.
  private mutating func put(_ text: String) { bytes += text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

  private mutating func endLine() { put(["\r\n"], odd: ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", " \r\n", "\0\r\n"]) }
}

// MARK: Start lines

extension Grammar {
  /// One request, with its body.
  mutating func request() {
    if isOdd() { put(["\r\n", "\n", " ", "\r\n\r\n"]) }
    put(
      ["GET", "GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"],
      odd: ["get", "CONNECT", "TRACE", "FOO", "M-SEARCH", "PRI", "SOURCE", "DESCRIBE", "G@T", "", "GE T", "POST\t"])
    put([" "], odd: ["  ", "\t", "", " \u{b}"])
    put(
      ["/", "/a", "/a/b", "/a?b=c", "/a/b?c=%20d", "/%E2%82%AC", "/a;b=c"],
      odd: [
        "*", "http://a/b", "a:443", "//a", "/a//b", "/./a", "/a/../b", "/%2e", "/a#b", "/a b", "/\u{e9}", "/\0",
        "/a\\b",
        "/%zz", "", "/?a#b", "/a\u{7f}", "/[", "/a?\u{80}",
      ])
    put([" "], odd: ["  ", "\t", "", "\r"])
    version()
    endLine()
    fields()
  }

  /// One answer, with its body.
  mutating func response() {
    if isOdd() { put(["\r\n", "\n", " "]) }
    version()
    put([" "], odd: ["  ", "\t", ""])
    put(
      ["200", "200", "200", "404", "500", "204", "304", "100", "103"],
      odd: ["101", "102", "150", "199", "000", "99", "1000", "20", "2x0", "-20", "999", "600", ""])
    put([" OK", " ", "", " Not \u{e9}", " a\tb"], odd: ["\tOK", " \u{1}", "OK", "  ", " \0"])
    endLine()
    fields()
  }

  private mutating func version() {
    put(
      ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"],
      odd: [
        "HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/1.10", "HTTP/01.1", "http/1.1", "HTTP/1,1", "HTTP/1.", "HTTP/1", "",
        "RTSP/1.0", "ICE/1.0", "HTTP/1.1 x",
      ])
  }
}

// MARK: Fields

extension Grammar {
  private mutating func fields() {
    if !isOdd() { line("Host", ["a", "a.example:8080", "[::1]:80"]) }
    for _ in 0..<random.number(below: 4) { plainField() }
    if random.once(in: 4) { connection() }
    if random.once(in: 20) { line("Expect", ["100-continue"], odd: ["more", ""]) }
    switch random.number(below: 4) {
    case 0: lengthBody()
    case 1: chunkedBody()
    default:
      if isOdd() { oddFraming() }
      endLine()
    }
  }

  private mutating func plainField() {
    line(
      random.pick(["A", "Accept", "X-Long-Name", "x_y", "B!#$%&'*+.^`|~", "User-Agent", "Set-Cookie"]),
      [
        "b", "", "b c", "b\tc", "\u{e9}t\u{e9}", "\u{c3}\u{a9}", "a, b, c",
        String(repeating: "x", count: 70),
      ])
    if isOdd() {
      put(
        random.pick([
          " folded\r\n", "\tfolded\r\n", ": b\r\n", "A : b\r\n", "A\t: b\r\n", "A\0: b\r\n", "A b: c\r\n", "A\r\n",
          "\u{e9}: b\r\n",
          "A: b\u{1}c\r\n", "A: b\0c\r\n", "A: b\u{7f}\r\n", "A: b\rc\r\n", "A: b\nc: d\r\n", "(A): b\r\n",
          "A:\r\n b\r\n", "A:\r\n\r\n",
          "Content_Length: 3\r\n", "Transfer.Encoding: chunked\r\n", "Host: b\r\n", "Trailer: A\r\n",
          "TE: trailers\r\n",
        ]))
    }
  }

  private mutating func connection() {
    line(
      "Connection", ["close", "keep-alive", "Keep-Alive", "close", "A", "keep-alive, A"],
      odd: [
        "close, keep-alive", "keep-alive, close", "Upgrade", "upgrade, close", "closed", "close close", "", ",",
        "close;", "clo se",
        "\"close\"", "close,", ",close", "keep-alive\t,close", "close\t", "TE, close", "keep-alive, keep-alivex",
        "Content-Length", "proxy-close",
      ])
    if isOdd() { line("Upgrade", ["h2c", "websocket"]) }
    if isOdd() { line("Connection", ["close", "keep-alive"]) }
    if isOdd() { line("Proxy-Connection", ["close", "keep-alive"]) }
  }

  private mutating func line(_ name: String, _ usual: [String], odd: [String] = []) {
    put(
      [name, name, name.lowercased(), name.uppercased()],
      odd: [name + " ", name + "\0", " " + name, name + "\t", name + "x"])
    put([": ", ":", ":  ", ":\t"], odd: [" : ", ":\r\n ", ":\u{b}", ";", "", ": \r\n\t", ":\0"])
    put(usual, odd: odd)
    // A tab there is not odd, but no message with one in a framing field is read to its end.
    put(["", "", "", " "], odd: ["\t", " \t", "\t ", "\u{b}", "\0", ",", ";"])
    endLine()
  }
}

// MARK: Bodies

extension Grammar {
  private static let contents = [
    "", "a", "hello", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\n", "\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  ]

  private mutating func lengthBody() {
    let content = random.pick(Self.contents)
    let length = content.utf8.count
    line(
      "Content-Length", ["\(length)"],
      odd: [
        "0\(length)", "+\(length)", "-\(length)", "0x\(length)", "\(length), \(length)", "\(length),",
        "\(length) \(length)",
        "\(length).0", "\(length)e0", "", "18446744073709551615", "18446744073709551616", "9223372036854775807",
        "9223372036854775808", "\(length + 1)", "\(length)\0", "\(length)\t", "1_0", "\u{661}",
      ])
    if isOdd() { oddFraming() }
    endLine()
    put(content)
  }

  /// A second word on how the body ends.
  private mutating func oddFraming() {
    line(
      random.pick(["Content-Length", "Transfer-Encoding"]),
      [
        "0", "1", "5", "chunked", "identity", "gzip", "chunked, chunked", "gzip, chunked", "chunked, gzip", "Chunked",
        "xchunked",
      ])
  }

  private mutating func chunkedBody() {
    line(
      "Transfer-Encoding", ["chunked", "Chunked", "CHUNKED"],
      odd: [
        "chunked, chunked", "gzip, chunked", "chunked, gzip", "identity", "gzip", "xchunked", "chunkedx", "chunked;q=1",
        "\"chunked\"",
        "chunked,", ",chunked", ", chunked", "\u{b}chunked", "chun ked", "", "identity, chunked", "chunked, identity",
        "c\0hunked",
      ])
    if isOdd() { oddFraming() }
    endLine()
    for _ in 0..<random.number(below: 4) { chunk(random.pick(Self.contents)) }
    put(["0", "0", "00"], odd: ["", "-0", "0x0", "0;a=b", "0 ", " 0", "0000000000000000", "00000000000000000", "0\t"])
    endLine()
    if random.once(in: 4) { trailers() }
    endLine()
  }

  private mutating func chunk(_ content: String) {
    guard !content.isEmpty else { return }
    let size = String(content.utf8.count, radix: 16)
    put(
      [size, size.uppercased(), "0" + size],
      odd: [
        "+" + size, "-" + size, "0x" + size, " " + size, size + " ", size + ";a=b", size + ";a=\"b\r\n\"", size + ";",
        size + "\t",
        "00000000000000" + size, "0000000000000000" + size, "ffffffffffffffff", "8000000000000000", "10000000000000000",
        size + "g", "",
        size + "_", size + "\0", "7fffffffffffffff",
      ])
    endLine()
    put(content)
    put(["\r\n"], odd: ["", "\n", "\r", "x\r\n", " \r\n", "\r\n\r\n"])
  }

  private mutating func trailers() {
    line(
      random.pick([
        "A", "X-Checksum", "Content-Length", "Transfer-Encoding", "Host", "Connection", "Date", "Trailer", "Upgrade",
        "x_y",
      ]), ["b", "0", "5", "chunked", "close", "\u{e9}"])
  }
}
