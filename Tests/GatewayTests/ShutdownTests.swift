import Model
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
  @Test func stopsWhileAConnectionIsBeingOpened() async throws {
    // It takes the connection and never says a word of TLS.
    try await ScriptedBackend.with { backend in
      let url = try #require(BackendURL("https://127.0.0.1:\(backend.port)"))
      try await RunningGateway.with(
        World(backend: .http(url)), configure: { $0.timeouts.shutdown = .milliseconds(100) }
      ) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        await gateway.stop()
        #expect(await client.readToAnyEnd().text == "")
        _ = await upstream.readToAnyEnd()
      }
    }
  }
}
