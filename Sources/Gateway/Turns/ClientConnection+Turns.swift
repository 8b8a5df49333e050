import NIOCore
import Routing

/// What was decided of a call that waits for its turn, so that it need not be decided twice.
struct KeptDecision {
  let decision: Decision
  private let generation: SnapshotCell.Generation
  private let moment: NIODeadline

  init(_ decision: consuming Decision, on loop: GatewayLoop) {
    self.decision = decision
    (generation, moment) = (loop.reader.generation, loop.now)
  }

  /// Whether the same would be decided now: by the same snapshot, within the same tenth of a second, to which expiries
  /// of what is under way are held too.
  func holds(on loop: GatewayLoop) -> Bool {
    loop.reader.refresh()
    return moment == loop.now && generation == loop.reader.generation
  }
}

/// How calls of one party are kept from taking an event loop from the others.
extension ClientConnection {
  /// Whether the call in hand goes on; else it waits for its turn, and is not read behind.
  @inline(__always)
  func takesTurn(_ decision: borrowing Decision) -> Bool {
    if hasTurn { return true }
    party = decision.party(from: peer)
    hasTurn = loop.turns.take(party.bits)
    return hasTurn
  }

  /// Has the call in hand wait for its turn.
  @inline(never)
  func waitForTurn(_ decision: consuming Decision) {
    kept = KeptDecision(decision, on: loop)
    state = .queued
    deadline = .distantFuture
    loop.requests.countWaitForTurn()
    loop.queue(self, as: party.bits)
  }

  func turnCame() {
    // The client may have gone meanwhile.
    guard state == .queued else { return }
    hasTurn = true
    decideAnew()
  }

  /// What was decided of the call in hand before it waited, if that holds.
  @inline(__always)
  func takeKeptDecision() -> Decision? { kept == nil ? nil : takeKept() }

  private func takeKept() -> Decision? {
    defer { kept = nil }
    guard let kept, kept.holds(on: loop) else { return nil }
    return kept.decision
  }
}
