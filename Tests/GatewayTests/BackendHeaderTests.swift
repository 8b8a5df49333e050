import Foundation
import InMemoryLogging
import Logging
import Model
import Routing
import Sealing
import TestWire
import Testing

@testable import Gateway

/// The headers by which a backend knows the gateway.
@Suite(.timeLimit(.minutes(10))) struct BackendHeaderTests {
  private static let sealer = Sealer(SealingKeyRing(String(repeating: "5a", count: 32))!)

  private static func sealed(
    _ lines: String = "X-Backend-Key: canary\r\nAuthorization: Bearer ours\r\n",
    for deployment: ID<Deployment> = World.deployment
  ) throws -> [UInt8] {
    try sealer.seal(
      Array(lines.utf8), for: .backendHeaders, at: SealedPlace(backendHeadersOf: deployment, in: World.acme))
  }

  /// What the backend gets of a request.
  private func upstream(_ request: String, keyHeaders: [String] = []) async throws -> [String] {
    let sealed = try Self.sealed()
    return try await ScriptedBackend.with { backend in
      var world = World(port: backend.port)
      (world.sealedHeaders, world.keyHeaders) = (sealed, keyHeaders)
      return try await RunningGateway.with(world, sealer: Self.sealer) { gateway in
        let client = try await gateway.connect()
        try await client.send(request)
        let upstream = try await backend.accept()
        let head = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        _ = try await client.readHead()
        return head.components(separatedBy: "\r\n")
      }
    }
  }

  @Test func sendsThemInPlaceOfAClientsOwn() async throws {
    let lines = try await upstream(
      request(
        "GET", "/acme/online/echo/x",
        "x-backend-key: forged\r\nX_Backend_Key: forged\r\nauthorization: Basic forged\r\nOther: stays\r\n"))
    #expect(lines.filter { $0.lowercased().contains("backend") } == ["X-Backend-Key: canary"])
    #expect(lines.filter { $0.lowercased().hasPrefix("authorization") } == ["Authorization: Bearer ours"])
    #expect(lines.contains("Other: stays") && !lines.joined().contains("forged"))
  }

  @Test func keepsThemWhateverConnectionNames() async throws {
    let lines = try await upstream(
      request("GET", "/acme/online/echo/x", "Connection: X-Backend-Key, Authorization\r\n"))
    #expect(lines.contains("X-Backend-Key: canary") && lines.contains("Authorization: Bearer ours"))
  }

  @Test func goesBesideAKeyInAHeaderOfTheSameName() async throws {
    let key = "Authorization: Bearer \(World.secret.revealed)\r\n"
    let lines = try await upstream(
      request("GET", "/acme/online/echo/x", key, keyed: false), keyHeaders: ["Authorization"])
    #expect(lines.filter { $0.hasPrefix("Authorization") } == ["Authorization: Bearer ours"])
    #expect(!lines.joined().contains(World.secret.revealed))
  }

  @Test func dropsATrailerOfTheSameName() async throws {
    let sealed = try Self.sealed()
    try await ScriptedBackend.with { backend in
      var world = World(port: backend.port)
      world.sealedHeaders = sealed
      try await RunningGateway.with(world, sealer: Self.sealer) { gateway in
        let client = try await gateway.connect()
        try await client.send(
          request("POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\nTrailer: X-Backend-Key\r\n")
            + "2\r\nab\r\n0\r\nX-Backend-Key: forged\r\nOther: stays\r\n\r\n")
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        let body = try await upstream.read(through: "stays\r\n\r\n")
        #expect(!body.contains("forged"))
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      }
    }
  }

  /// Without a key, under another, of another deployment, damaged.
  @Test(arguments: 0..<4) func callsNoBackendWithoutThem(_ flaw: Int) async throws {
    let sealed =
      switch flaw {
      case 2: try Self.sealed(for: .random())
      case 3: Array(try Self.sealed().dropLast())
      default: try Self.sealed()
      }
    let sealer = [nil, Sealer(SealingKeyRing("2:" + String(repeating: "6b", count: 32))!), Self.sealer, Self.sealer][
      flaw]
    let log = InMemoryLogHandler()
    try await ScriptedBackend.with { backend in
      var world = World(port: backend.port)
      world.sealedHeaders = sealed
      try await RunningGateway.with(world, sealer: sealer, logger: Logger(label: "test") { _ in log }) { gateway in
        let client = try await gateway.connect()
        for _ in 1...3 {
          try await client.send(request())
          let answer = try await client.read(through: "}\n")
          #expect(answer.hasPrefix("HTTP/1.1 503 "))
          #expect(answer.contains("sealed_backend") && !answer.contains("canary"))
        }
      }
      #expect(backend.connections == 0)
    }
    let said = log.entries.filter { $0.level == .error }
    #expect(said.count == 1)
    #expect(said.allSatisfy { $0.metadata["deployment"] == "\(World.deployment)" })
  }
}
