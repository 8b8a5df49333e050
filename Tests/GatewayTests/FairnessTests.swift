import TestWire
import Testing

@testable import Gateway

/// No client keeps a backend's connections from the others.
@Suite(.timeLimit(.minutes(10))) struct FairnessTests {
  private static let upload = request("POST", "/acme/online/echo/slow", "Content-Length: 1000\r\n")

  private func withGateway(
    connections: Int, _ configure: @escaping @Sendable (inout Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningGateway, ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(
        World(port: backend.port),
        configure: {
          $0.connectionsPerBackend = connections
          configure(&$0)
        }
      ) { gateway in try await body(gateway, backend) }
    }
  }

  /// Plays a call of somebody else's from its request to its answer.
  private func serve(_ other: Wire, by backend: ScriptedBackend) async throws {
    let upstream = try await backend.accept()
    #expect(try await upstream.readHead().hasPrefix("GET /ok "))
    try await upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
    _ = try await other.read(through: "\r\n\r\nok")
  }

  @Test func aBodyThatDoesNotComeHoldsNoConnection() async throws {
    try await withGateway(connections: 1) { gateway, backend in
      let announced = try await gateway.connect()
      try await announced.send(Self.upload)
      let other = try await gateway.connect()
      try await other.send(request())
      try await serve(other, by: backend)
      // Its turn comes with its first byte.
      try await announced.send("x")
      #expect(try await backend.accept().read(through: "\r\n\r\nx").hasPrefix("POST /slow "))
    }
  }

  @Test func aBodyThatNeverComesIsRefused() async throws {
    try await withGateway(connections: 1, { $0.timeouts.bodyIdle = .milliseconds(200) }) { gateway, backend in
      let announced = try await gateway.connect()
      try await announced.send(Self.upload)
      #expect(try await announced.readToEnd().hasPrefix("HTTP/1.1 408 "))
      #expect(backend.connections == 0)
    }
  }

  @Test func oneAddressLeavesConnectionsForTheOthers() async throws {
    try await withGateway(connections: 4) { gateway, backend in
      var slow: [Wire] = []
      for _ in 0..<8 {
        let wire = try await gateway.connect()
        try await wire.send(Self.upload + "x")
        slow.append(wire)
      }
      var uploads: [Wire] = []
      for _ in 0..<3 {
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("POST /slow "))
        uploads.append(upstream)
      }
      let other = try await Wire.connect(to: gateway.port, from: "127.0.0.2")
      try await other.send(request())
      try await serve(other, by: backend)
      // Those that were held back are served when others of their address have gone.
      for wire in slow { try await wire.send(String(repeating: "x", count: 999)) }
      for number in 0..<8 {
        let upstream = number < 3 ? uploads[number] : try await backend.accept()
        _ = try await upstream.read(through: String(repeating: "x", count: 1000))
        try await upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
      }
      for wire in slow { _ = try await wire.read(through: "\r\n\r\nok") }
    }
  }

  @Test func oneAddressThatDoesNotReadLeavesConnectionsForTheOthers() async throws {
    try await withGateway(connections: 4) { gateway, backend in
      for _ in 0..<8 {
        let wire = try await gateway.connect()
        try await wire.pauseReading()
        try await wire.send(request())
      }
      for _ in 0..<3 {
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: \(64 << 20)\r\n\r\nmuch")
      }
      let other = try await Wire.connect(to: gateway.port, from: "127.0.0.2")
      try await other.send(request())
      try await serve(other, by: backend)
    }
  }

  @Test func aProxyThatIsTrustedMayHoldAll() async throws {
    try await withGateway(connections: 4, { $0.trustedProxies = [AddressRange("127.0.0.1/32")!] }) { gateway, backend in
      for _ in 0..<4 {
        try await gateway.connect().send(Self.upload + "x")
        _ = try await backend.accept().readHead()
      }
    }
  }

  /// However many addresses they have: while others wait, a body that drips has seconds and not a minute.
  @Test func aBodyThatDripsMakesRoomForWhoWaits() async throws {
    let timeouts: @Sendable (inout Configuration) -> Void = {
      $0.timeouts.hurriedBody = .milliseconds(300)
    }
    try await withGateway(connections: 1, timeouts) { gateway, backend in
      let slow = try await gateway.connect()
      try await slow.send(Self.upload + "x")
      let upstream = try await backend.accept()
      _ = try await upstream.readHead()
      let other = try await Wire.connect(to: gateway.port, from: "127.0.0.2")
      try await other.send(request())
      #expect(try await slow.readToEnd().hasPrefix("HTTP/1.1 408 "))
      _ = await upstream.readToAnyEnd()
      try await serve(other, by: backend)
    }
  }

  /// However many addresses a caller asks from: another's request waits for one of its own.
  @Test func aQueueOfOneCallerDelaysAnotherByOneCall() async throws {
    try await withGateway(connections: 1) { gateway, backend in
      func ask(from address: String, _ request: String) async throws -> Wire {
        let wire = try await Wire.connect(to: gateway.port, from: address)
        try await wire.send(request)
        return wire
      }
      let first = try await ask(from: "127.0.0.2", request())
      let upstream = try await backend.accept()
      _ = try await upstream.readHead()
      var loud: [Wire] = []
      for number in 3...6 { loud.append(try await ask(from: "127.0.0.\(number)", request())) }
      // One that is refused, so that those before it are known to wait.
      _ = try await ask(from: "127.0.0.7", request("GET", "/acme/online/none")).readHead()
      let calm = try await ask(from: "127.0.0.8", request("GET", "/acme/online/open/calm", keyed: false))
      _ = try await ask(from: "127.0.0.9", request("GET", "/acme/online/none")).readHead()
      let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      try await upstream.send(ok)
      _ = try await first.read(through: "\r\n\r\nok")
      #expect(try await upstream.readHead().hasPrefix("GET /ok "))
      try await upstream.send(ok)
      #expect(try await upstream.readHead().hasPrefix("GET /calm "))
      try await upstream.send(ok)
      _ = try await calm.read(through: "\r\n\r\nok")
      for _ in 0..<3 {
        #expect(try await upstream.readHead().hasPrefix("GET /ok "))
        try await upstream.send(ok)
      }
      for wire in loud { _ = try await wire.read(through: "\r\n\r\nok") }
    }
  }
}
