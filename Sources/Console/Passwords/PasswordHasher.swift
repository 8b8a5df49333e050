import FoundationEssentials
import Model
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Hashes and verifies passwords on threads of its own: hashing is meant to be slow, and must hold up neither event loops
/// nor the cooperative pool.
///
/// So many hashes at once are computed as there are threads, which bounds memory; so many more may wait, which bounds
/// the wait. It must be run as a service, or closed.
package final class PasswordHasher: Service {
  /// How hashing is done.
  package struct Configuration: Sendable {
    /// How many hashes are computed at once, 32 MiB each.
    package var threads = 2
    /// How many more may be asked for meanwhile.
    package var maximumWaiting = 32
    /// The cost of new hashes; old ones are verified at their own.
    var cost = PasswordHash.Cost.standard

    package init() {}

    /// Hashes that cost next to nothing and protect next to nothing, for tests.
    package static var weak: Configuration {
      var configuration = Configuration()
      configuration.cost = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1)
      return configuration
    }
  }

  private let configuration: Configuration
  private let threads: NIOThreadPool
  private let pending = Mutex(0)
  private let done = Mutex(0)
  /// Of a password that nobody has: what is compared when there is no account.
  private let decoy: PasswordHash

  package init(_ configuration: Configuration = Configuration()) throws {
    self.configuration = configuration
    let salt = PasswordHash.randomSalt()
    decoy = try PasswordHash(Password("\(salt.base64EncodedString())")!, cost: configuration.cost, salt: salt)
    threads = NIOThreadPool(numberOfThreads: configuration.threads)
    threads.start()
  }

  /// How much hashing there has been: of each hash what its cost comes to, in blocks of 128 bytes that were mixed.
  package var work: Int { done.withLock { $0 } }

  /// Waits for shutdown, then closes.
  package func run() async throws {
    try? await gracefulShutdown()
    try await close()
  }

  /// Ends the threads, once what they are doing is done.
  package func close() async throws {
    try await threads.shutdownGracefully()
  }

  /// The text to store for a password.
  ///
  /// - Throws: ``ConsoleError/busy`` if too many wait already.
  func hash(_ password: Password) async throws -> String {
    let cost = configuration.cost
    return try await perform(cost) {
      try PasswordHash(password, cost: cost, salt: PasswordHash.randomSalt()).description
    }
  }

  /// Whether `stored` is of this password. Without a stored hash it takes as long, and is never.
  ///
  /// - Throws: ``ConsoleError/busy`` if too many wait already.
  func verify(_ password: Password, against stored: String?) async throws -> Bool {
    let hash = stored.flatMap(PasswordHash.init)
    let compared = hash ?? decoy
    return try await perform(compared.cost) { try compared.matches(password) && hash != nil }
  }

  private func perform<Result: Sendable>(
    _ cost: PasswordHash.Cost, _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    let isAdmitted = pending.withLock { pending in
      guard pending < configuration.threads + configuration.maximumWaiting else { return false }
      pending += 1
      return true
    }
    guard isAdmitted else { throw ConsoleError.busy }
    defer { pending.withLock { $0 -= 1 } }
    done.withLock { $0 += cost.blocks }
    return try await threads.runIfActive(work)
  }
}
