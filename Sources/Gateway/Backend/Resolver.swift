import NIOCore
import NIOPosix
import Synchronization

/// Resolves names for all event loops, each name once at a time, on threads of its own.
final class Resolver: Sendable {
  typealias Completion = @Sendable ([SocketAddress]) -> Void

  private let threads: NIOThreadPool
  private let cache: Mutex<NameCache<Completion>>
  private let lookUp: @Sendable (String) -> [SocketAddress]?

  /// - Parameter lookUp: Asks the system, and may block.
  init(
    timeToLive: TimeAmount, threads: Int = 4,
    lookUp: @escaping @Sendable (String) -> [SocketAddress]? = { SystemNames.addresses(of: $0) }
  ) {
    self.threads = NIOThreadPool(numberOfThreads: threads)
    self.cache = Mutex(NameCache(timeToLive: timeToLive))
    self.lookUp = lookUp
    self.threads.start()
  }

  func shutDown() async { try? await threads.shutdownGracefully() }

  /// Gives the addresses of `name`, none if it has none: at once when they are known, else on any thread.
  func resolve(_ name: String, then completion: @escaping Completion) {
    let answer = cache.withLock { $0.ask(name, now: .now(), waiter: completion) }
    switch answer {
    case .addresses(let addresses, let refresh):
      if refresh { startLookUp(name) }
      completion(addresses)
    case .wait(let resolve):
      if resolve { startLookUp(name) }
    }
  }

  private func startLookUp(_ name: String) {
    threads.submit { [self] state in
      let addresses = if case .active = state { lookUp(name) } else { [SocketAddress]?.none }
      let (waiters, found) = cache.withLock { $0.resolved(name, to: addresses, now: .now()) }
      for waiter in waiters { waiter(found) }
    }
  }
}
