/// Who may have a connection to one backend, over all event loops of the node: whoever asks, and when there are no more,
/// one of each party's requests in turn, each party's in the order they asked.
///
/// A value without I/O. A permit is the right to one open connection; it is taken before connecting and given back
/// when the connection is closed. A connection that is kept for reuse keeps its permit.
struct ConnectionLedger: Sendable {
  /// One request that waits, on the loop with this number.
  struct Waiter: Sendable, Hashable {
    let loop: Int
    let party: Party
    let ticket: UInt64
  }

  private let limit: Int
  private(set) var open = 0
  private var waiters = RoundRobin<Party, Waiter>()
  private var nextTicket: UInt64 = 0

  init(limit: Int) {
    precondition(limit > 0)
    self.limit = limit
  }

  var waiting: Int { waiters.count }

  enum Answer: Hashable, Sendable {
    /// A permit: open a connection.
    case open
    /// Wait; idle connections elsewhere should be asked for.
    case wait(Waiter)
  }

  /// Asks for a permit from the loop with this number, for a call of `party`.
  mutating func ask(from loop: Int, as party: Party) -> Answer {
    if waiters.isEmpty, open < limit {
      open += 1
      return .open
    }
    let waiter = Waiter(loop: loop, party: party, ticket: nextTicket)
    nextTicket += 1
    waiters.append(waiter, of: party)
    return .wait(waiter)
  }

  /// Gives a permit back.
  /// - Returns: Who gets it now, if somebody waits; the permit is taken for it.
  mutating func giveBack() -> Waiter? {
    precondition(open > 0, "a permit was given back twice")
    guard let next = offer() else {
      open -= 1
      return nil
    }
    return next
  }

  /// Hands a connection over that came free on the loop with this number and still is open.
  ///
  /// - Returns: Whose turn it is. On the same loop it takes the connection; on another the connection has to be closed,
  ///   and the waiter opens one with its permit. nil: nobody waits, keep it.
  mutating func offer() -> Waiter? { waiters.popFirst()?.waiting }

  /// Stops waiting. False: the waiter was served before.
  mutating func cancel(_ waiter: Waiter) -> Bool {
    waiters.remove(of: waiter.party) { $0 == waiter }
  }
}
