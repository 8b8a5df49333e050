import Dispatch
import Logging
import Metering
import Model
import NIOCore
import NIOPosix
import Routing
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
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

  /// What has arrived when the gateway begins to stop is answered, though it has not been read, nor the connection let in.
  @Test func answersWhatHasArrivedUnread() async throws {
    try await withLoop { loop, listeners in
      let port = listeners.gateway.address.port
      let kept = try await Wire.connect(to: port)
      try await kept.send(request("GET", "/none"))
      #expect(try await kept.read(through: "}\n").hasPrefix("HTTP/1.1 404 "))
      let held = DispatchSemaphore(value: 0)
      // Nothing is read from the moment on that this returns.
      await withCheckedContinuation { isHeld in
        loop.execute { _ in
          isHeld.resume()
          held.wait()
        }
      }
      try await kept.send(request("GET", "/none"))
      let unaccepted = try await Wire.connect(to: port)
      try await unaccepted.send(request("GET", "/none"))
      listeners.closeSoon()
      loop.execute { $0.drain() }
      held.signal()
      for wire in [kept, unaccepted] {
        let answer = try await wire.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("\r\nConnection: close\r\n"))
      }
      try await listeners.waitUntilClosed()
    }
  }

  /// Who was answered while the gateway began to stop, and not told, may ask once more.
  @Test func answersARequestThatWasOnItsWay() async throws {
    try await withLoop { loop, listeners in
      let kept = try await Wire.connect(to: listeners.gateway.address.port)
      try await kept.send(request("GET", "/none"))
      _ = try await kept.read(through: "}\n")
      try await loop.run { $0.drain() }
      try await kept.send(request("GET", "/none"))
      let answer = try await kept.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("\r\nConnection: close\r\n"))
    }
  }

  /// An event loop with listeners, to be stopped step by step.
  private func withLoop(
    _ body: (NIOLoopBound<GatewayLoop>, Listeners) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let resolver = Resolver(timeToLive: .seconds(1))
    var configuration = Configuration()
    configuration.gatewayAddress.port = 0
    configuration.internalAddress.port = 0
    // Longer than any test is busy elsewhere.
    configuration.timeouts.lastRequest = .seconds(60)
    let snapshots = SnapshotCell()
    snapshots.publish(World(port: 1).snapshot())
    snapshots.freshness.confirm(at: .now())
    let shared = SharedState(
      configuration, snapshots: snapshots, resolver: resolver, tls: try BackendTLS.context(authorities: []),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, tally: RequestTally(), sealer: nil,
      secretUses: SecretUseLog(), allowances: Allowances(), usage: UsageLog(), accessLog: nil, metrics: { "" },
      clock: { .now() })
    let loops = try await LoopGroup(group, shared)
    let listeners = try await Listeners(configuration, group, loops)
    let eventLoop = group.next()
    let loop = try await eventLoop.submit { NIOLoopBound(loops.current(eventLoop), eventLoop: eventLoop) }.get()
    let result: Result<Void, any Error>
    do { result = .success(try await body(loop, listeners)) } catch { result = .failure(error) }
    listeners.close()
    await loops.stop()
    await resolver.shutDown()
    try await group.shutdownGracefully()
    try result.get()
  }
}
