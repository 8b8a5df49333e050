import NIOCore

/// What names were last resolved to: kept for a time, used when stale while nothing newer is to be had.
///
/// A value without I/O. Ports are not part of an answer.
struct NameCache<Waiter> {
  private struct Entry {
    var addresses: [SocketAddress] = []
    var resolvedAt: NIODeadline?
    var isResolving = false
    var waiters: [Waiter] = []
  }

  enum Answer {
    /// - Parameter refresh: Resolve the name again now; this answer has grown old.
    case addresses([SocketAddress], refresh: Bool)
    /// Wait; `resolve` tells whether to resolve the name now or somebody does already.
    case wait(resolve: Bool)
  }

  private let timeToLive: TimeAmount
  /// Names that nobody asked for do not stay for ever.
  private let capacity: Int
  private var entries: [String: Entry] = [:]

  init(timeToLive: TimeAmount, capacity: Int = 10_000) {
    self.timeToLive = timeToLive
    self.capacity = capacity
  }

  /// Asks for `name`; `waiter` is remembered if it has to wait.
  mutating func ask(_ name: String, now: NIODeadline, waiter: Waiter) -> Answer {
    var entry = entries[name] ?? Entry()
    defer { entries[name] = entry }
    guard let resolvedAt = entry.resolvedAt else {
      entry.waiters.append(waiter)
      defer { entry.isResolving = true }
      return .wait(resolve: !entry.isResolving)
    }
    let refresh = now - resolvedAt >= timeToLive && !entry.isResolving
    if refresh { entry.isResolving = true }
    return .addresses(entry.addresses, refresh: refresh)
  }

  /// Takes what resolving `name` gave; nil: it failed, and an older answer stays.
  /// - Returns: Who waited, and for what.
  mutating func resolved(_ name: String, to addresses: [SocketAddress]?, now: NIODeadline) -> (
    [Waiter], [SocketAddress]
  ) {
    guard var entry = entries[name] else { return ([], addresses ?? []) }
    let waiters = entry.waiters
    entry.waiters = []
    entry.isResolving = false
    if let addresses, !addresses.isEmpty {
      entry.addresses = addresses
      entry.resolvedAt = now
    } else if entry.resolvedAt != nil {
      // Asked again after another while, not at every request.
      entry.resolvedAt = now
    }
    entries[name] = entry.resolvedAt == nil ? nil : entry
    makeRoom(now)
    return (waiters, entry.addresses)
  }

  var count: Int { entries.count }

  private mutating func makeRoom(_ now: NIODeadline) {
    guard entries.count > capacity else { return }
    entries = entries.filter { _, entry in entry.isResolving || entry.resolvedAt.map { now - $0 < timeToLive } ?? false
    }
  }
}
