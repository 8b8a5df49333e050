import Foundation
import Model
import NIOCore
import TestWire
import Testing

@testable import Gateway

/// A line for each call and check, without a secret.
@Suite(.timeLimit(.minutes(10))) struct AccessLogTests {
  private typealias Line = [String: NSObject]

  /// The next lines, each of which is JSON.
  private static func lines(_ log: AccessLog, _ count: Int) async throws -> [Line] {
    var text = ""
    while text.count(where: { $0 == "\n" }) < count {
      for await _ in log.arrivals { break }
      for piece in log.takeFull() {
        text += String(decoding: piece.bytes, as: UTF8.self)
        log.putBack(piece)
      }
    }
    return try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Line, "\(line)")
    }
  }

  private func withGateway(
    _ log: AccessLog, _ configure: @escaping @Sendable (inout Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningGateway, ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: configure, accessLog: log) {
        try await body($0, backend)
      }
    }
  }

  @Test func tellsAllThatIsKnownOfACall() async throws {
    let log = AccessLog(.all)
    try await withGateway(log) { gateway, backend in
      let client = try await gateway.connect()
      let sent = request("POST", "/acme/online/echo/a%20b?q=1", "Content-Length: 5\r\n", body: "hello")
      try await client.send(sent)
      let server = try await backend.accept()
      let upstream = try await server.read(through: "\r\n\r\nhello")
      try await server.send("HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nyes")
      let answer = try await client.read(through: "\r\n\r\nyes")
      let line = try #require(try await Self.lines(log, 1).first)
      let id = try #require(upstream.firstMatch(of: /X-Request-Id: (\S+)/)?.1)
      let trace = try #require(upstream.firstMatch(of: /traceparent: 00-(\w+)-(\w+)-/))
      let expected: [String: String] = [
        "kind": "call", "requestId": String(id), "traceId": String(trace.1), "spanId": String(trace.2),
        "method": "POST", "path": "/acme/online/echo/a%20b", "host": "api.example", "tenant": "\(World.acme)",
        "group": "\(World.group)", "environment": "online", "subscriptionId": "\(World.key)", "caller": "globex",
        "client": "127.0.0.1", "backend": "127.0.0.1:\(backend.port)",
      ]
      for (name, value) in expected { #expect(line[name] == value as NSString, "\(name)") }
      let numbers = ["status": 201, "bytesIn": sent.utf8.count, "bytesOut": answer.utf8.count, "attempts": 1]
      for (name, value) in numbers { #expect(line[name] == value as NSNumber, "\(name)") }
      #expect((line["api"] as? String)?.hasPrefix("api_") == true)
      let (whole, part) = (try #require(line["durationMs"] as? Double), try #require(line["backendMs"] as? Double))
      #expect(whole >= part && part > 0)
      let time = try #require(line["time"] as? String)
      #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
      #expect(abs(RFC3339.date(time)!.timeIntervalSinceNow) < 60)
      #expect(line["code"] == nil && line["aborted"] == nil)
    }
  }

  @Test func tellsWhyTheGatewayRefused() async throws {
    let log = AccessLog(.all)
    try await withGateway(log) { gateway, _ in
      let client = try await gateway.connect()
      try await client.send(request(keyed: false))
      _ = try await client.read(through: "}\n")
      try await client.send("nonsense\r\n\r\n")
      _ = try await client.read(through: "}\n")
      let lines = try await Self.lines(log, 2)
      #expect(lines.map { $0["code"] } == ["unauthenticated" as NSString, "malformed_request" as NSString])
      #expect(lines.map { $0["status"] } == [401 as NSNumber, 400 as NSNumber])
      #expect(lines[0]["group"] == "\(World.group)" as NSString && lines[0]["api"] == nil)
      #expect(lines[1]["path"] == nil && lines[1]["method"] == nil, "nothing of what cannot be read")
    }
  }

  /// By what it decided, whatever the proxy takes.
  @Test func tellsOfChecksToo() async throws {
    let log = AccessLog(.all)
    try await withGateway(log) { gateway, _ in
      let proxy = try await gateway.connectInternally()
      for path in ["/acme/online/echo/ok?q=1", "/acme/online/none/ok"] {
        try await proxy.send(request("GET", "/check/nginx", "X-Original-Method: PUT\r\nX-Original-URI: \(path)\r\n"))
        _ = try await proxy.readHead()
      }
      try await proxy.send(request("GET", "/healthz", keyed: false))
      _ = try await proxy.read(through: "}\n")
      let lines = try await Self.lines(log, 2)
      #expect(lines.count == 2 && lines.allSatisfy { $0["kind"] == "check" as NSString })
      #expect(lines.map { $0["status"] } == [200 as NSNumber, 404 as NSNumber])
      #expect(lines.map { $0["path"] } == ["/acme/online/echo/ok" as NSString, "/acme/online/none/ok" as NSString])
      #expect(lines.allSatisfy { $0["method"] == "PUT" as NSString } && lines[0]["caller"] == "globex" as NSString)
    }
  }

  /// Of a sample, too, each call that was refused or has failed.
  @Test func keepsEveryRefusalAndFailureOfASample() async throws {
    let log = AccessLog(.ratio(0))
    try await withGateway(log) { gateway, backend in
      let client = try await gateway.connect()
      try await client.send(request())
      let server = try await backend.accept()
      for (number, status) in ["200 OK", "404 Not Found", "500 Oh", "nonsense"].enumerated() {
        if number > 0 { try await client.send(request()) }
        _ = try await server.readHead()
        try await server.send("HTTP/1.1 \(status)\r\nContent-Length: 1\r\n\r\nx")
        _ = try await client.readHead()
        _ = try await client.read(through: number == 3 ? "}\n" : "x")
      }
      try await client.send(request(keyed: false))
      _ = try await client.read(through: "}\n")
      let lines = try await Self.lines(log, 3)
      #expect(lines.map { $0["status"] } == [500 as NSNumber, 502 as NSNumber, 401 as NSNumber])
      #expect(lines.map { $0["code"] } == [nil, "bad_backend_answer" as NSString, "unauthenticated" as NSString])
    }
  }

  @Test func saysThatAClientWent() async throws {
    let log = AccessLog(.ratio(0))
    try await withGateway(log) { gateway, backend in
      let client = try await gateway.connect()
      try await client.send(request())
      let server = try await backend.accept()
      _ = try await server.readHead()
      try await client.reset()
      let line = try #require(try await Self.lines(log, 1).first)
      #expect(line["aborted"] == true as NSNumber && line["status"] == nil && line["attempts"] == 1 as NSNumber)
    }
  }

  static let key = World.otherSecret.revealed
  static let encoded = "%6C%6B" + World.otherSecret.revealed.dropFirst(2)

  /// `threats.md`, row 5.
  @Test(arguments: [
    "GET /acme/online/echo/\(key) HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\(key)/b/\(encoded)?\(key) HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /acme/online/echo/x\(key)x/y HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: \(key)\r\n\r\n",
    "\(key) / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a?\(key) HTTP/1.1\r\nHost: a\r\nX-Other: \(key)\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(key)\r\nX-Request-Id: \(key)\r\n\r\n",
    "GET /\(String(repeating: "a/", count: 490))\(key) HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\(String(repeating: "a", count: 1000))\(key)/\(key) HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /acme/online/open/x HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: \(key)\r\n\r\n",
    "GET \(key) HTTP/1.1\r\nHost: a\r\n\r\n",
  ])
  func showsNoSecret(request: String) async throws {
    let log = AccessLog(.all)
    try await withGateway(log, { $0.trustedProxies = [AddressRange("127.0.0.0/8")!] }) { gateway, _ in
      let client = try await gateway.connect()
      try await client.send(request)
      for await _ in log.arrivals { break }
      let text = log.takeFull().map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
      #expect(text.contains("\"requestId\""))
      // Nor a beginning of one that would be of use.
      #expect(!text.contains(Self.key.prefix(12)) && !text.contains(Self.encoded.prefix(16)))
    }
  }

  @Test func masksOnlyTheSegmentWithASecret() async throws {
    let log = AccessLog(.all)
    try await withGateway(log) { gateway, _ in
      let client = try await gateway.connect()
      try await client.send("GET /a/\(Self.key)/b HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await client.read(through: "}\n")
      try await client.send("GET /\(String(repeating: "long/", count: 300)) HTTP/1.1\r\nHost: a\r\n\r\n")
      let lines = try await Self.lines(log, 2)
      #expect(lines[0]["path"] == "/a/***/b" as NSString && lines[0]["code"] == "exposed_secret" as NSString)
      let path = try #require(lines[1]["path"] as? String)
      #expect(path.hasPrefix("/long/") && path.hasSuffix("/…") && path.utf8.count < 1100)
    }
  }

  /// A log that nobody takes costs lines, and no call anything.
  @Test func losesLinesRatherThanKeepCallsWaiting() async throws {
    let log = AccessLog(.all, pieces: 1)
    let world = World(backend: .mock(MockResponse(status: 204, headers: [], body: "")))
    try await RunningGateway.with(world, accessLog: log) { gateway in
      let client = try await gateway.connect()
      for _ in 0..<400 {
        try await client.send(request())
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 204 "))
      }
    }
    let kept = log.takeFull().reduce(0) { $0 + $1.lines }
    #expect(kept > 0 && log.counts.dropped == 400 - kept)
  }

  @Test func samplesAboutAsMuchAsItSays() {
    let log = AccessLog(.ratio(0.25))
    var source = RequestIDSource()
    let sampled = (0..<100_000).count { _ in log.samples(using: &source) }
    #expect((24_000...26_000).contains(sampled))
  }
}

/// What anybody may send becomes one JSON string.
@Suite struct JSONTextTests {
  private func json(_ bytes: [UInt8], limit: Int = 2000) -> String {
    var buffer = ByteBuffer()
    buffer.writeHead(reserve: 4096) { writer in bytes.withUnsafeBytes { writer.write(json: $0, limit: limit) } }
    return String(buffer: buffer)
  }

  static let hostile: [[UInt8]] = [
    [], Array("plain/path".utf8), Array("\"\\\"\\\\".utf8), Array(0...0xFF), [0xC0, 0xAF], [0xE0, 0x80, 0xAF],
    [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xC3], [0x80, 0xBF], [0xFF, 0xFE, 0xFD],
    Array("é漢😀\u{2028}\u{85}\u{7F}\u{0}\n\r\t".utf8), Array("</script>\",\"admin\":true,\"x\":\"".utf8),
    [0xE2, 0x82, 0x22], [0xC2, 0x22, 0x5C],
  ]

  @Test(arguments: hostile) func isOneStringOfTheSameText(bytes: [UInt8]) throws {
    let text = json(bytes)
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String
    // Foundation repairs what is no UTF-8 as the Unicode Standard recommends; how many marks there are may differ.
    let expected = String(decoding: bytes, as: UTF8.self)
    #expect(read?.filter { $0 != "\u{FFFD}" } == expected.filter { $0 != "\u{FFFD}" })
    #expect(read?.contains("\u{FFFD}") == expected.contains("\u{FFFD}"))
    #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !text.unicodeScalars.contains("\u{85}"))
  }

  @Test func isCutWhereItIsTooLong() throws {
    let text = json(Array(repeating: 0x22, count: 500), limit: 100)
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String
    #expect(text.utf8.count < 110 && read?.hasSuffix("\"…") == true)
  }

  @Test func isJSONWhateverBytesCome() throws {
    var source = RequestIDSource()
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...80, using: &source)).map { _ in UInt8.random(in: 0...255, using: &source) }
      let text = json(bytes)
      #expect(throws: Never.self) {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      }
      #expect(text.utf8.count <= 6 * 80 + 2)
    }
  }
}
