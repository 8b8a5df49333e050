import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// Which backends are dialled at all.
@Suite(.timeLimit(.minutes(2))) struct ReachTests {
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

  @Test func answersForABackendThatIsNotThere() async throws {
    let port = try await ScriptedBackend.with { $0.port }
    #expect(try await status("http://127.0.0.1:\(port)") { _ in } == "502")
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
