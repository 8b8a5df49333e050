import NIOCore

/// A connection that its loop looks after: it does something when nothing happened for too long, and when what it
/// carries is no longer allowed.
protocol Watched: AnyObject {
  /// When nothing has happened for too long; far in the future if never. Read ten times a second, so that moving it
  /// costs one store.
  var deadline: NIODeadline { get }
  /// Where the connection stands in its loop's table; the table's alone.
  var watchSlot: Int { get set }
  func deadlinePassed()
  /// Ends what it carries if that would be refused by now.
  func judgeAgain()
  /// The gateway is stopping: close when nothing is in flight, or after what is.
  func drain()
  /// Close now.
  func abort()
}

/// The connections of one event loop. Finding those whose deadline has passed is a walk over all of them.
struct WatchedConnections {
  private var slots: [(any Watched)?] = []
  private var free: [Int] = []
  private var nextJudged = 0

  var all: [any Watched] { slots.compactMap(\.self) }

  mutating func insert(_ connection: any Watched) {
    if let slot = free.popLast() {
      slots[slot] = connection
      connection.watchSlot = slot
    } else {
      connection.watchSlot = slots.count
      slots.append(connection)
    }
  }

  mutating func remove(_ connection: any Watched) {
    let slot = connection.watchSlot
    guard slot >= 0, slots[slot] === connection else { return }
    slots[slot] = nil
    free.append(slot)
    connection.watchSlot = -1
  }

  func expired(_ now: NIODeadline) -> [any Watched] {
    slots.compactMap { connection in connection.flatMap { $0.deadline <= now ? $0 : nil } }
  }

  /// The next connections to judge again, a part of all of them: after as many calls as there are parts, each was given.
  mutating func nextToJudge(parts: Int) -> [any Watched] {
    guard !slots.isEmpty else { return [] }
    let start = nextJudged < slots.count ? nextJudged : 0
    let end = min(slots.count, start + (slots.count + parts - 1) / parts)
    nextJudged = end
    return slots[start..<end].compactMap(\.self)
  }
}
