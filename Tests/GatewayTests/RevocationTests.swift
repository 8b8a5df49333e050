import Model
import Routing
import Synchronization
import TestWire
import Testing

@testable import Gateway

/// What is streaming ends when what it was admitted by does (threats, row 17).
@Suite(.timeLimit(.minutes(10))) struct RevocationTests {
  /// One thing that a call stands on, and the change that takes it away.
  enum Revocation: CaseIterable {
    case keyDeleted, keyDisabled, keyExpired, secretDeleted, secretExpired, authorizationDeleted, callerSuspended
    case providerSuspended, targetOffline, groupDeleted

    func change(of world: World) -> SnapshotChange {
      switch self {
      case .keyDeleted: .key(World.key, nil)
      case .keyDisabled: world.key(World.key, [World.secret], [World.group], isActive: false)
      case .keyExpired: world.key(World.key, [World.secret], [World.group], expiresAt: .now())
      case .secretDeleted: world.key(World.key, [.random()], [World.group])
      case .secretExpired: world.key(World.key, [World.secret], [World.group], secretsExpireAt: .now())
      case .authorizationDeleted: world.key(World.key, [World.secret], [World.openGroup])
      case .callerSuspended: world.tenant(World.globex, "globex", isActive: false)
      case .providerSuspended: world.tenant(World.acme, "acme", isActive: false)
      case .targetOffline: world.group(World.group, "echo", .required, isLive: false)
      case .groupDeleted: .group(World.group, nil)
      }
    }
  }

  @Test(arguments: Revocation.allCases) func endsAnOpenStream(_ revocation: Revocation) async throws {
    try await withOpenStream { gateway, world, client, upstream in
      publish(revocation.change(of: world), at: gateway)
      let (rest, ending) = await client.readToAnyEnd()
      // Chunked and without its last chunk: nobody can take it for a whole answer.
      #expect(rest.isEmpty && ending == .reset)
      _ = await upstream.readToAnyEnd()
    }
  }

  @Test func endsAStreamWhoseKeyExpires() async throws {
    let clock = MovedClock()
    try await withOpenStream(clock: clock) { gateway, world, client, upstream in
      let expiry = UnixTime(microseconds: clock.now().microseconds + 60_000_000)
      publish(world.key(World.key, [World.secret], [World.group], expiresAt: expiry), at: gateway)
      try await expectToGoOn(client, upstream)
      clock.advance(microseconds: 60_000_000)
      #expect(await client.readToAnyEnd().ending == .reset)
    }
  }

  @Test func endsAStreamWhenTheSnapshotIsTooOld() async throws {
    let clock = MovedClock()
    try await withOpenStream(clock: clock) { _, _, client, upstream in
      clock.advance(microseconds: 23 * 3_600_000_000)
      try await expectToGoOn(client, upstream)
      clock.advance(microseconds: 3_600_000_000)
      #expect(await client.readToAnyEnd().ending == .reset)
    }
  }

  @Test func endsAnUploadThatIsNotAnswered() async throws {
    try await ScriptedBackend.with { backend in
      let world = World(port: backend.port)
      try await RunningGateway.with(world) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("POST", "/acme/online/echo/x", "Content-Length: 1000\r\n", body: "some"))
        let upstream = try await backend.accept()
        _ = try await upstream.read(through: "some")
        publish(.key(World.key, nil), at: gateway)
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 401 "))
        _ = await upstream.readToAnyEnd()
      }
    }
  }

  @Test func endsAStreamWithoutAKeyWhenItsGroupRequiresOne() async throws {
    try await withOpenStream(path: "/acme/online/open/x", keyed: false) { gateway, world, client, _ in
      publish(world.group(World.openGroup, "open", .required), at: gateway)
      #expect(await client.readToAnyEnd().ending == .reset)
    }
  }
}

extension RevocationTests {
  private func publish(_ change: SnapshotChange, at gateway: RunningGateway) {
    gateway.snapshots.publish(gateway.snapshots.snapshot.applying([change]))
  }

  private func expectToGoOn(_ client: Wire, _ upstream: Wire) async throws {
    try await upstream.send("5\r\nagain\r\n")
    #expect(try await client.read(through: "again\r\n") == "5\r\nagain\r\n")
  }

  private func withOpenStream(
    path: String = "/acme/online/echo/x", keyed: Bool = true, clock: MovedClock = MovedClock(),
    _ body: @Sendable @escaping (RunningGateway, World, _ client: Wire, _ upstream: Wire) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      let world = World(port: backend.port)
      try await RunningGateway.with(world, clock: { clock.now() }) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", path, keyed: keyed))
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        _ = try await client.read(through: "first\r\n")
        try await body(gateway, world, client, upstream)
      }
    }
  }
}

/// The wall clock, moved by what a test wants.
final class MovedClock: Sendable {
  private let offset = Mutex<Int64>(0)

  func now() -> UnixTime { offset.withLock { UnixTime(microseconds: UnixTime.now().microseconds + $0) } }
  func advance(microseconds: Int64) { offset.withLock { $0 += microseconds } }
}
