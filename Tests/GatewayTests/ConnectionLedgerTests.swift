import Testing

@testable import Gateway

@Suite struct ConnectionLedgerTests {
  @Test func opensUpToTheLimitThenWaitsInOrder() {
    var ledger = ConnectionLedger(limit: 2)
    #expect(ledger.ask(from: 0, as: .nobody) == .open)
    #expect(ledger.ask(from: 1, as: .nobody) == .open)
    guard case .wait(let first) = ledger.ask(from: 1, as: .nobody),
      case .wait(let second) = ledger.ask(from: 0, as: .nobody)
    else {
      Issue.record("the limit was passed")
      return
    }
    #expect(ledger.waiting == 2 && ledger.open == 2)
    let served = ledger.giveBack()
    #expect(served == first)
    let offered = ledger.offer()
    #expect(offered == second)
    #expect(ledger.waiting == 0 && ledger.open == 2)
  }

  @Test func givesAPermitToTheFirstWhoWaitsBeforeAnyNewcomer() {
    var ledger = ConnectionLedger(limit: 1)
    #expect(ledger.ask(from: 0, as: .nobody) == .open)
    guard case .wait(let waiter) = ledger.ask(from: 0, as: .nobody) else {
      Issue.record("the limit was passed")
      return
    }
    let served = ledger.giveBack()
    #expect(served == waiter)
    guard case .wait = ledger.ask(from: 1, as: .nobody) else {
      Issue.record("a newcomer overtook")
      return
    }
  }

  @Test func forgetsWhoStopsWaiting() {
    var ledger = ConnectionLedger(limit: 1)
    _ = ledger.ask(from: 0, as: .nobody)
    guard case .wait(let waiter) = ledger.ask(from: 0, as: .nobody) else {
      Issue.record("the limit was passed")
      return
    }
    let first = ledger.cancel(waiter)
    let again = ledger.cancel(waiter)
    #expect(first && !again)
    #expect(ledger.giveBack() == nil)
    #expect(ledger.open == 0)
    #expect(ledger.ask(from: 1, as: .nobody) == .open)
  }

  /// A party with a long queue delays another's request by one of its own.
  @Test func servesPartiesInTurn() throws {
    var ledger = ConnectionLedger(limit: 1)
    let (loud, calm) = (Self.party("192.0.2.1"), Self.party("192.0.2.2"))
    _ = ledger.ask(from: 0, as: loud)
    var waiters: [ConnectionLedger.Waiter] = []
    for party in [loud, loud, loud, calm, calm] {
      guard case .wait(let waiter) = ledger.ask(from: 0, as: party) else {
        Issue.record("the limit was passed")
        return
      }
      waiters.append(waiter)
    }
    let hasGone = ledger.cancel(waiters[4])
    #expect(hasGone && ledger.waiting == 4)
    let served = (0..<5).map { _ in ledger.giveBack() }
    #expect(served == [waiters[0], waiters[3], waiters[1], waiters[2], nil])
    #expect(ledger.waiting == 0 && ledger.open == 0)
  }

  private static func party(_ address: String) -> Party { Party(Peer.Origin(IPAddress(address)!)) }
}
