import Model
import Synchronization

/// The uses of secrets that a node has still to write down: added by its event loops now and then, taken by one writer.
///
/// Bounded: with the database away for long it keeps the last use of as many secrets as there is room for.
package final class SecretUseLog: Sendable {
  private let capacity: Int
  private let latest = Mutex<[SecretDigest: UnixTime]>([:])

  /// - Parameter capacity: of how many secrets a use is kept, at about 60 bytes each.
  package init(capacity: Int = 100_000) {
    self.capacity = capacity
  }

  /// Adds uses, also such as were taken and could not be written. What there is no room for is lost.
  package func add(_ uses: [SecretUses.Use]) {
    guard !uses.isEmpty else { return }
    latest.withLock { latest in
      for use in uses {
        if let known = latest[use.secret] {
          latest[use.secret] = max(known, use.at)
        } else if latest.count < capacity {
          latest[use.secret] = use.at
        }
      }
    }
  }

  /// Takes everything out.
  package func take() -> [SecretUses.Use] {
    let taken = latest.withLock { latest in
      defer { latest = [:] }
      return latest
    }
    return taken.map { SecretUses.Use(of: $0.key, at: $0.value) }
  }
}
