import Model
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct BackendTLSTests {
  private func play(
    _ host: String, certificate: TestCertificate, trusting files: [String],
    _ body: @escaping @Sendable (Wire, ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with(certificate: certificate) { backend in
      let url = try #require(BackendURL("https://\(host):\(backend.port)"))
      try await RunningGateway.with(World(backend: .http(url)), configure: { $0.backendAuthorities = files }) {
        gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        try await body(client, backend)
      }
    }
  }

  @Test(arguments: ["localhost", "127.0.0.1"]) func forwardsOverTLS(host: String) async throws {
    let certificate = try TestCertificate()
    try await play(host, certificate: certificate, trusting: [certificate.certificateFile]) { client, backend in
      let upstream = try await backend.accept()
      #expect(try await upstream.readHead().contains("\r\nHost: \(host):\(backend.port)\r\n"))
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      #expect(try await client.read(through: "\r\n\r\nok").hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func refusesABackendNobodyVouchesFor() async throws {
    try await play("localhost", certificate: TestCertificate(), trusting: []) {
      (client: Wire, _: ScriptedBackend) async throws in
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
    }
  }

  @Test(arguments: ["localhost", "127.0.0.1"]) func refusesABackendOfAnotherName(host: String) async throws {
    let certificate = try TestCertificate(name: "elsewhere.example", address: "192.0.2.1")
    try await play(host, certificate: certificate, trusting: [certificate.certificateFile]) {
      (client: Wire, _: ScriptedBackend) async throws in
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
    }
  }
}
