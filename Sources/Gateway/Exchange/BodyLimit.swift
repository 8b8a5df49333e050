import Framing

/// Counts a request's body against what the gateway forwards at most.
struct BodyLimit: Sendable {
  private var remaining: Int

  init(bytes: Int) { remaining = bytes }

  /// Whether a request that declares `body` may be forwarded at all.
  static func admits(_ body: RequestBody, limit: Int) -> Bool {
    if case .length(let length) = body { length <= UInt64(limit) } else { true }
  }

  /// Counts `bytes`; false once there were too many.
  mutating func take(_ bytes: Int) -> Bool {
    remaining -= bytes
    return remaining >= 0
  }
}
