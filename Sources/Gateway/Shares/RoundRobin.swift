import NIOCore

/// Who waits, each party in a queue of its own, and the queues served one of each in turn: whoever has much waiting delays
/// another's by one of its own, and not by all.
struct RoundRobin<Key: Hashable, Waiting> {
  private var queues: [Key: CircularBuffer<Waiting>] = [:]
  /// Those that have a queue, in the order in which they are served.
  private var order = CircularBuffer<Key>()
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ waiting: Waiting, of key: Key) {
    if queues[key] == nil { order.append(key) }
    queues[key, default: CircularBuffer()].append(waiting)
    count += 1
  }

  /// Takes out whose turn it is.
  mutating func popFirst() -> (key: Key, waiting: Waiting)? {
    guard let key = order.popFirst(), let waiting = queues[key]?.popFirst() else { return nil }
    if queues[key]?.isEmpty ?? true { queues[key] = nil } else { order.append(key) }
    count -= 1
    return (key, waiting)
  }

  /// Takes out the first of a party's that is as asked for. False: there is none.
  mutating func remove(of key: Key, where isWanted: (Waiting) -> Bool) -> Bool {
    guard let index = queues[key]?.firstIndex(where: isWanted) else { return false }
    queues[key]?.remove(at: index)
    count -= 1
    if queues[key]?.isEmpty ?? true {
      queues[key] = nil
      order.removeAll { $0 == key }
    }
    return true
  }

  mutating func removeAll() { self = Self() }
}

extension RoundRobin: Sendable where Key: Sendable, Waiting: Sendable {}
