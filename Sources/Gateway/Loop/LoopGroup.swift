import NIOCore
import NIOPosix

/// The gateway's event loops, each with its own state.
struct LoopGroup: Sendable {
  private let loops: [NIOLoopBound<GatewayLoop>]
  private let byEventLoop: [ObjectIdentifier: NIOLoopBound<GatewayLoop>]

  init(_ group: MultiThreadedEventLoopGroup, _ shared: SharedState) async throws {
    var loops: [NIOLoopBound<GatewayLoop>] = []
    var byEventLoop: [ObjectIdentifier: NIOLoopBound<GatewayLoop>] = [:]
    for eventLoop in group.makeIterator() {
      let number = loops.count
      let loop = try await eventLoop.submit {
        NIOLoopBound(GatewayLoop(eventLoop: eventLoop, number: number, shared: shared), eventLoop: eventLoop)
      }.get()
      shared.add(loop)
      loops.append(loop)
      byEventLoop[ObjectIdentifier(eventLoop)] = loop
    }
    self.loops = loops
    self.byEventLoop = byEventLoop
    self.shared = shared
  }

  let shared: SharedState

  /// The state of the loop that the caller is on.
  func current(_ eventLoop: any EventLoop) -> GatewayLoop {
    guard let loop = byEventLoop[ObjectIdentifier(eventLoop)] else { preconditionFailure("not one of our event loops") }
    return loop.value
  }

  /// Lets the requests in flight end, for at most this long.
  func drain(for grace: Duration) async {
    let deadline = ContinuousClock.now + grace
    for loop in loops { loop.execute { $0.drain() } }
    while ContinuousClock.now < deadline {
      var open = 0
      for loop in loops { open += (try? await loop.run { $0.openConnections }) ?? 0 }
      if open == 0 { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Ends every connection.
  func stop() async {
    for loop in loops { try? await loop.run { $0.stop() } }
    shared.forgetLoops()
  }
}

extension NIOLoopBound {
  /// Runs `body` with the value on its loop and gives what it returns.
  func run<Result: Sendable>(_ body: @escaping @Sendable (Value) -> Result) async throws -> Result {
    try await eventLoop.submit { body(self.value) }.get()
  }
}
