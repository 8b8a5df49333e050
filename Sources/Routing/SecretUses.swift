package import Model

/// By which secrets an event loop has admitted calls lately, and when the last time.
///
/// A table of a fixed size that belongs to its loop: noting a use is a look at one place, nearly always, and allocates
/// nothing.
package struct SecretUses: Sendable {
  /// That a secret admitted a call.
  package struct Use: Hashable, Sendable {
    package let secret: SecretDigest
    package let at: UnixTime

    package init(of secret: SecretDigest, at: UnixTime) {
      (self.secret, self.at) = (secret, at)
    }
  }

  /// How many secrets it holds when it is full: three quarters of its places, so that a look-up ends soon.
  package static let capacity = slotCount / 4 * 3
  private static let slotCount = 2048
  /// What no secret that was used has.
  private static let free = Use(of: SecretDigest(high: 0, low: 0), at: UnixTime(microseconds: .min))

  private var slots = [Use](repeating: free, count: slotCount)
  private var count = 0

  package init() {}

  /// Whether it has to be taken before a use of another secret is noted.
  @inline(__always)
  package var isFull: Bool { count == Self.capacity }

  /// Notes a use, the latest of its secret. The table must not be full.
  @inline(__always)
  package mutating func note(_ secret: SecretDigest, at now: UnixTime) {
    // Digests are spread evenly already.
    var slot = Int(truncatingIfNeeded: secret.low) & (Self.slotCount - 1)
    while slots[slot].at != Self.free.at {
      if slots[slot].secret.low == secret.low, slots[slot].secret.high == secret.high {
        return slots[slot] = Use(of: secret, at: now)
      }
      slot = (slot + 1) & (Self.slotCount - 1)
    }
    slots[slot] = Use(of: secret, at: now)
    count += 1
  }

  /// All that was noted since the last time; nothing of it stays.
  package mutating func take() -> [Use] {
    guard count > 0 else { return [] }
    let uses = slots.filter { $0.at != Self.free.at }
    for slot in slots.indices { slots[slot] = Self.free }
    count = 0
    return uses
  }
}
