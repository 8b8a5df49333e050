import NIOCore

/// A connection that does something when nothing happened for too long.
protocol Deadlined: AnyObject {
  /// When that is; far in the future if never. Read ten times a second, so that moving it costs one store.
  var deadline: NIODeadline { get }
  /// Where the connection stands in its loop's table; the table's alone.
  var deadlineSlot: Int { get set }
  func deadlinePassed()
  /// The gateway is stopping: close when nothing is in flight, or after what is.
  func drain()
  /// Close now.
  func abort()
}

/// The connections of one event loop. Finding those whose deadline has passed is a walk over all of them.
struct DeadlineTable {
  private var slots: [(any Deadlined)?] = []
  private var free: [Int] = []

  var all: [any Deadlined] { slots.compactMap(\.self) }

  mutating func insert(_ connection: any Deadlined) {
    if let slot = free.popLast() {
      slots[slot] = connection
      connection.deadlineSlot = slot
    } else {
      connection.deadlineSlot = slots.count
      slots.append(connection)
    }
  }

  mutating func remove(_ connection: any Deadlined) {
    let slot = connection.deadlineSlot
    guard slot >= 0, slots[slot] === connection else { return }
    slots[slot] = nil
    free.append(slot)
    connection.deadlineSlot = -1
  }

  func expired(_ now: NIODeadline) -> [any Deadlined] {
    slots.compactMap { connection in connection.flatMap { $0.deadline <= now ? $0 : nil } }
  }
}
