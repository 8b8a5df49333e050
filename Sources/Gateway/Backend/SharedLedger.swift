import Synchronization

/// A backend's ledger, shared by the event loops of the node.
///
/// Touched when connections are opened, closed or waited for; a request that finds an idle connection on its loop reads
/// one atomic word of it.
final class SharedLedger: Sendable {
  private let ledger: Mutex<ConnectionLedger>
  private let waiting = Atomic<Int>(0)

  init(limit: Int) { ledger = Mutex(ConnectionLedger(limit: limit)) }

  @inline(__always) var hasWaiters: Bool { waiting.load(ordering: .acquiring) != 0 }

  func ask(from loop: Int, as party: Party) -> ConnectionLedger.Answer { update { $0.ask(from: loop, as: party) } }
  func giveBack() -> ConnectionLedger.Waiter? { update { $0.giveBack() } }
  func offer() -> ConnectionLedger.Waiter? { update { $0.offer() } }
  func cancel(_ waiter: ConnectionLedger.Waiter) -> Bool { update { $0.cancel(waiter) } }

  private func update<Answer: Sendable>(_ body: (inout ConnectionLedger) -> Answer) -> Answer {
    ledger.withLock { ledger in
      defer { waiting.store(ledger.waiting, ordering: .releasing) }
      return body(&ledger)
    }
  }
}
