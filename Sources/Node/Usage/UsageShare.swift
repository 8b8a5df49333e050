import Metering

/// Some of the kinds of calls, by their hash: where there are more kinds than are held at once, they are gone through share
/// by share.
struct UsageShare {
  /// How many kinds are held at once, of about three quarters of a kilobyte each.
  static let capacity = 8192
  static let all = UsageShare(depth: 0, low: 0)
  private static let depths = 24

  /// How many of the hash's lowest bits are the share's, and which they are.
  private let depth, low: Int

  func contains(_ key: UsageKey) -> Bool { key.slotHash & (1 << depth - 1) == low }

  /// Kinds that are that much alike are few.
  var isDivisible: Bool { depth < Self.depths }

  var halves: [UsageShare] {
    [UsageShare(depth: depth + 1, low: low | 1 << depth), UsageShare(depth: depth + 1, low: low)]
  }
}
