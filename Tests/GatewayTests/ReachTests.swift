import Model
import NIOCore
import Routing
import Synchronization
import TestWire
import Testing

@testable import Gateway

/// Which backends are dialled at all.
@Suite(.timeLimit(.minutes(10))) struct ReachTests {
  private func status(
    _ url: String, configure: @escaping @Sendable (inout Configuration) -> Void
  ) async throws -> String {
    try await RunningGateway.with(World(backend: .http(BackendURL(url)!)), configure: configure) { gateway in
      let client = try await gateway.connect()
      try await client.send(request())
      return String(try await client.read(through: "\r\n").dropFirst(9).prefix(3))
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"])
  func dialsNoAddressThatIsNotAllowed(host: String) async throws {
    try await ScriptedBackend.with { backend in
      let answer = try await status("http://\(host):\(backend.port)") { $0.backendNetworks = BackendNetworks() }
      #expect(answer == "502")
      #expect(backend.connections == 0)
    }
  }

  @Test func dialsAName() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(backend: .http(BackendURL("http://localhost:\(backend.port)")!))) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().contains("\r\nHost: localhost:\(backend.port)\r\n"))
      }
    }
  }

  /// A name whose first answer is allowed and whose later one is not: what it answers then is never dialled.
  @Test func judgesALaterAnswerToo() async throws {
    let answer = Answer()
    try await ScriptedBackend.with(host: "0.0.0.0") { backend in
      let world = World(backend: .http(BackendURL("http://rebound.example:\(backend.port)")!))
      try await RunningGateway.with(
        world,
        configure: {
          $0.backendNetworks = BackendNetworks(ranges: [AddressRange("127.0.0.1/32")!])
          $0.timeouts.resolution = .zero
        }, lookUp: { _ in answer.addresses }
      ) { gateway in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await answerAll(backend) }
          let client = try await gateway.connect()
          #expect(try await status(client) == "200")
          answer.change(to: "127.0.0.2")
          var forwarded = 1
          // The former answer counts until the next one is there.
          while try await status(client) == "200" { forwarded += 1 }
          for _ in 0..<5 { #expect(try await status(client) == "502") }
          #expect(backend.connections == forwarded)
          answer.change(to: "127.0.0.1")
          while try await status(client) != "200" {}
          group.cancelAll()
        }
      }
    }
  }

  /// What a name resolves to, as long as the test wants it.
  private final class Answer: Sendable {
    private let address = Mutex("127.0.0.1")
    var addresses: [SocketAddress]? { try? [SocketAddress(ipAddress: address.withLock { $0 }, port: 0)] }
    func change(to other: String) { address.withLock { $0 = other } }
  }

  /// Ends each connection with its first answer, so that each call has to dial.
  private func answerAll(_ backend: ScriptedBackend) async throws {
    while !Task.isCancelled {
      guard let upstream = try? await backend.accept() else { return }
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    }
  }

  private func status(_ client: Wire) async throws -> String {
    try await client.send(request())
    let head = try await client.readHead()
    let length = try #require(head.firstMatch(of: /Content-Length: (\d+)/)?.1)
    _ = try await client.read(count: try #require(Int(length)))
    return String(head.dropFirst(9).prefix(3))
  }

  @Test func answersForABackendThatIsNotThere() async throws {
    // A port that a backend had a moment ago another test may have by now; this one nobody listens on.
    #expect(try await status("http://127.0.0.1:1") { _ in } == "502")
    #expect(try await status("http://nothing.invalid") { _ in } == "502")
  }

  @Test func neverDialsAForbiddenEndpoint() async throws {
    try await ScriptedBackend.with { backend in
      let port = backend.port
      let answer = try await status("http://127.0.0.1:\(port)") {
        $0.backendNetworks.forbiddenEndpoints = [.init(address: IPAddress("127.0.0.1")!, port: port)]
      }
      #expect(answer == "502" && backend.connections == 0)
    }
  }

  @Test func neverDialsItsOwnListeners() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      for port in [gateway.port, gateway.internalPort] {
        gateway.snapshots.publish(World(port: port).snapshot())
        let client = try await gateway.connect()
        try await client.send(request())
        #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
      }
    }
  }
}
