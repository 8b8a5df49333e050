import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct FlowTests {
  static let mebibyte = 1 << 20

  @Test(arguments: [true, false]) func streamsALargeBodyBothWays(chunked: Bool) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        let total = 16 * Self.mebibyte
        let framing = chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(total)\r\n"
        try await client.send(request("POST", "/acme/online/echo/x", framing))
        let upstream = try await stream(total, chunked: chunked, from: client) { try await backend.accept() }
        try await upstream.send("HTTP/1.1 200 OK\r\n\(framing)\r\n")
        _ = try await stream(total, chunked: chunked, from: upstream) { client }
      }
    }
  }

  /// Sends `total` bytes as a body's data and sees as many come out, behind a head.
  private func stream(
    _ total: Int, chunked: Bool, from source: Wire, to receiver: () async throws -> Wire
  ) async throws -> Wire {
    let piece = [UInt8](repeating: 0x61, count: Self.mebibyte)
    async let sent: Void = {
      for _ in 0..<(total / piece.count) {
        if chunked { try await source.send("100000\r\n") }
        try await source.send(piece)
        if chunked { try await source.send("\r\n") }
      }
      if chunked { try await source.send("0\r\n\r\n") }
    }()
    let sink = try await receiver()
    _ = try await sink.readHead()
    if chunked {
      var seen = 0
      while true {
        let line = try await sink.read(through: "\r\n").dropLast()
        let size = try #require(Int(line.trimmed, radix: 16))
        if size == 0 { break }
        try await sink.skip(size)
        _ = try await sink.read(count: 2)
        seen += size
      }
      _ = try await sink.read(count: 2)
      #expect(seen == total)
    } else {
      try await sink.skip(total)
    }
    try await sent
    return sink
  }

  /// Nobody else is held up meanwhile.
  private func expectOthersToBeAnswered(by gateway: RunningGateway) async throws {
    for _ in 0..<20 {
      let other = try await gateway.connect()
      try await other.send(request("GET", "/none"))
      #expect(try await other.read(through: "}\n").hasPrefix("HTTP/1.1 404 "))
      try await other.close()
    }
  }

  @Test func holdsASenderBackWhoseReceiverDoesNotRead() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        let total = 64 * Self.mebibyte
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
        _ = try await client.readHead()
        try await client.pauseReading()
        let sent = Counter()
        async let sending: Void = {
          for _ in 0..<64 {
            try await upstream.send([UInt8](repeating: 0x61, count: Self.mebibyte))
            sent.increment()
          }
        }()
        try await expectOthersToBeAnswered(by: gateway)
        #expect(sent.value < 32, "sockets hold some megabytes, the gateway next to none")
        try await client.resumeReading()
        try await client.skip(total)
        try await sending
        #expect(sent.value == 64)
      }
    }
  }

  @Test func holdsAnUploadBackThatTheBackendDoesNotRead() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        let total = 64 * Self.mebibyte
        try await client.send(request("POST", "/acme/online/echo/x", "Content-Length: \(total)\r\n", body: "x"))
        let upstream = try await backend.accept()
        _ = try await upstream.read(through: "\r\n\r\nx")
        try await upstream.pauseReading()
        let sent = Counter()
        async let sending: Void = {
          for number in 0..<64 {
            try await client.send([UInt8](repeating: 0x61, count: Self.mebibyte - (number == 0 ? 1 : 0)))
            sent.increment()
          }
        }()
        try await expectOthersToBeAnswered(by: gateway)
        #expect(sent.value < 32, "sockets hold some megabytes, the gateway next to none")
        try await upstream.resumeReading()
        try await upstream.skip(total - 1)
        try await sending
        #expect(sent.value == 64)
      }
    }
  }

  @Test func waitsInLineForABusyBackend() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port),
        configure: {
          $0.connectionsPerBackend = 1
          $0.eventLoops = 2
        }
      ) { gateway in
        var clients: [Wire] = []
        let first = try await gateway.connect()
        try await first.send(request("GET", "/acme/online/echo/0"))
        var upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("GET /0 "))
        // Clients fall on both loops; each waits, whichever loop has the connection.
        for number in 1...6 {
          let client = try await gateway.connect()
          try await client.send(request("GET", "/acme/online/echo/\(number)"))
          clients.append(client)
        }
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0")
        _ = try await first.read(through: "\r\n\r\n0")
        var served = 0
        while served < 6 {
          let head: String
          do { head = try await upstream.readHead() } catch {
            upstream = try await backend.accept()
            continue
          }
          let number = String(try #require(head.dropFirst(5).first))
          try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
          _ = try await clients[try #require(Int(number)) - 1].read(through: "\r\n\r\n\(number)")
          served += 1
        }
      }
    }
  }

  @Test func givesUpWaitingForABusyBackend() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port),
        configure: {
          $0.connectionsPerBackend = 1
          $0.timeouts.lease = .milliseconds(200)
        }
      ) { gateway in
        let first = try await gateway.connect()
        try await first.send(request())
        _ = try await backend.accept().readHead()
        let second = try await gateway.connect()
        try await second.send(request())
        let answer = try await second.read(through: "}\n")
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\"no_backend_connection\""))
      }
    }
  }

  @Test func answersForASlowBackend() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: { $0.timeouts.response = .milliseconds(200) })
      {
        gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 504 "))
        #expect(await upstream.readToAnyEnd().text == "")
      }
    }
  }

  @Test func cutsAnAnswerThatStops() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: { $0.timeouts.bodyIdle = .milliseconds(200) })
      {
        gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        _ = try await client.read(through: "hello")
        #expect(await client.readToAnyEnd().ending == .reset)
      }
    }
  }

  @Test func refusesSlowClients() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port),
        configure: {
          $0.timeouts.requestHead = .milliseconds(200)
          $0.timeouts.bodyIdle = .milliseconds(200)
        }
      ) { gateway in
        let slowHead = try await gateway.connect()
        try await slowHead.send("GET / HTTP/1.1\r\nHost:")
        #expect(try await slowHead.readToEnd().hasPrefix("HTTP/1.1 408 "))
        let slowBody = try await gateway.connect()
        try await slowBody.send(request("POST", "/acme/online/echo/x", "Content-Length: 10\r\n", body: "hello"))
        let upstream = try await backend.accept()
        _ = try await upstream.read(through: "hello")
        #expect(try await slowBody.readToEnd().hasPrefix("HTTP/1.1 408 "))
        #expect(await upstream.readToAnyEnd().text == "")
      }
    }
  }

  @Test func refusesABodyThatDrips() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port),
        configure: {
          $0.timeouts.bodyIdle = .milliseconds(500)
          $0.minimumBodyRate = 1_000_000_000
        }
      ) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("POST", "/acme/online/echo/x", "Content-Length: 1000000\r\n", body: "x"))
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        // Each byte when the one before has gone through: no pause is long, and all of them are too slow.
        async let dripping: Void = {
          while true {
            _ = try await upstream.read(count: 1)
            try await client.send("x")
          }
        }()
        #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 408 "))
        try? await dripping
      }
    }
  }

  @Test func closesClientsThatAskNothing() async throws {
    try await RunningGateway.with(World(port: 1), configure: { $0.timeouts.clientIdle = .milliseconds(200) }) {
      gateway in
      let silent = try await gateway.connect()
      #expect(try await silent.readToEnd() == "")
    }
  }

  @Test func closesBackendConnectionsThatNobodyUses() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port), configure: { $0.timeouts.backendIdle = .milliseconds(200) }
      ) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 204 x\r\n\r\n")
        #expect(try await client.readHead() == "HTTP/1.1 204 x\r\n\r\n")
        #expect(await upstream.readToAnyEnd().text == "")
      }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { filter { !$0.isWhitespace } }
}
