import Model
import TestWire
import Testing

@testable import Gateway

/// A connection that closes after an answer gives the client all of it, however long that takes.
@Suite(.timeLimit(.minutes(10))) struct ClosingTests {
  private static let length = 16 << 20

  private func withLongAnswer(
    _ configure: @escaping @Sendable (inout Timeouts) -> Void,
    _ body: @escaping @Sendable (RunningGateway) async throws -> Void
  ) async throws {
    let text = String(repeating: "a", count: Self.length)
    let mock = Backend.mock(MockResponse(status: 200, headers: [], body: text))
    try await RunningGateway.with(World(backend: mock), configure: { configure(&$0.timeouts) }) { gateway in
      try await body(gateway)
    }
  }

  /// A client that has asked, and takes nothing.
  private func reader(_ text: String, at gateway: RunningGateway, finishing: Bool) async throws -> Wire {
    let client = try await gateway.connect()
    try await client.pauseReading()
    try await client.send(text)
    if finishing { try await client.finish() }
    return client
  }

  /// Takes until the gateway has given up a head that does not end.
  private func waitForAHead(at gateway: RunningGateway) async throws {
    let slow = try await gateway.connect()
    try await slow.send("G")
    #expect(try await slow.readToEnd().hasPrefix("HTTP/1.1 408 "))
  }

  @Test(arguments: ["1.1", "1.0"], [true, false])
  func sendsAllOfAnAnswerToASlowReader(version: String, finishing: Bool) async throws {
    let timeouts: @Sendable (inout Timeouts) -> Void = {
      $0.linger = .milliseconds(100)
      $0.requestHead = .milliseconds(500)
    }
    try await withLongAnswer(timeouts) { gateway in
      let key = "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"
      let text = "GET /acme/online/echo/ok HTTP/\(version)\r\nHost: a\r\nConnection: close\r\n\(key)\r\n"
      let client = try await reader(text, at: gateway, finishing: finishing)
      try await waitForAHead(at: gateway)
      try await client.resumeReading()
      _ = try await client.readHead()
      try await client.skip(Self.length)
      #expect(try await client.readToEnd() == "")
    }
  }

  /// One that takes nothing at all for too long is told that it has not got all.
  @Test func cutsAReaderThatTakesNothing() async throws {
    let timeouts: @Sendable (inout Timeouts) -> Void = {
      $0.bodyIdle = .milliseconds(100)
      $0.requestHead = .milliseconds(600)
    }
    try await withLongAnswer(timeouts) { gateway in
      let text = request("GET", "/acme/online/echo/ok", "Connection: close\r\n")
      let client = try await reader(text, at: gateway, finishing: false)
      try await waitForAHead(at: gateway)
      // Nobody reads any more where the reset was heard of.
      try? await client.resumeReading()
      let (got, ending) = await client.readToAnyEnd()
      #expect(ending == .reset && got.utf8.count < Self.length)
    }
  }
}
