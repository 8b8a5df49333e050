import Model
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct BackendTLSTests {
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

  /// Anybody on the way can end the connection beneath TLS, which says when the backend itself did (RFC 8446 §6.1).
  @Test(arguments: [true, false]) func tellsTheAnswersEndFromOneThatWasCutShort(isCut: Bool) async throws {
    let certificate = try TestCertificate()
    try await play("localhost", certificate: certificate, trusting: [certificate.certificateFile]) { client, backend in
      let upstream = try await backend.accept()
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 200 OK\r\n\r\nhello")
      _ = try await client.read(through: "hello\r\n")
      if isCut {
        try await upstream.finish(below: "TLS")
        #expect(await client.readToAnyEnd() == ("", .reset))
      } else {
        try await upstream.close()
        #expect(try await client.read(through: "0\r\n\r\n") == "0\r\n\r\n")
      }
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
