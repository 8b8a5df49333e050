import Logging
import Routing
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ServiceTests {
  @Test func saysWhichAddressIsInUse() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      for keyPath in [\Configuration.gatewayAddress, \Configuration.internalAddress] {
        var configuration = Configuration()
        configuration.gatewayAddress.port = 0
        configuration.internalAddress.port = 0
        configuration[keyPath: keyPath].port = gateway.port
        let second = Gateway(
          configuration: configuration, snapshots: SnapshotCell(),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: GatewayError.self) { try await second.run() }
        #expect(error?.description == "127.0.0.1:\(gateway.port) is in use by another process")
      }
    }
  }

  @Test func refusesAnUnreadableAuthority() async throws {
    var configuration = Configuration()
    configuration.backendAuthorities = ["/nonexistent.pem"]
    let gateway = Gateway(
      configuration: configuration, snapshots: SnapshotCell(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let error = await #expect(throws: GatewayError.self) { try await gateway.run() }
    #expect(error?.description == "/nonexistent.pem holds no readable certificates")
  }

  @Test func finishesWhatIsInFlightBeforeItStops() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let (busy, idle) = (try await gateway.connect(), try await gateway.connect())
        try await idle.send(request("GET", "/none"))
        _ = try await idle.read(through: "}\n")
        try await busy.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        await gateway.stop()
        #expect(try await idle.readToEnd() == "")
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
        #expect(try await busy.readToEnd().hasSuffix("done"))
      }
    }
  }

  @Test func decidesByWhatWasPublishedOnEveryLoop() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      let client = try await gateway.connect()
      try await client.send(request(keyed: false))
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 401 "))
      await gateway.snapshots.waitUntilInForce(gateway.snapshots.publish(.empty))
      try await client.send(request(keyed: false))
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 404 "))
    }
  }
}
