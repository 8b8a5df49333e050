import Testing

@testable import Gateway

@Suite struct ConnectionLedgerTests {
  @Test func opensUpToTheLimitThenWaitsInOrder() {
    var ledger = ConnectionLedger(limit: 2)
    #expect(ledger.ask(from: 0) == .open)
    #expect(ledger.ask(from: 1) == .open)
    guard case .wait(let first) = ledger.ask(from: 1), case .wait(let second) = ledger.ask(from: 0) else {
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
    #expect(ledger.ask(from: 0) == .open)
    guard case .wait(let waiter) = ledger.ask(from: 0) else {
      Issue.record("the limit was passed")
      return
    }
    let served = ledger.giveBack()
    #expect(served == waiter)
    guard case .wait = ledger.ask(from: 1) else {
      Issue.record("a newcomer overtook")
      return
    }
  }

  @Test func forgetsWhoStopsWaiting() {
    var ledger = ConnectionLedger(limit: 1)
    _ = ledger.ask(from: 0)
    guard case .wait(let waiter) = ledger.ask(from: 0) else {
      Issue.record("the limit was passed")
      return
    }
    let first = ledger.cancel(waiter)
    let again = ledger.cancel(waiter)
    #expect(first && !again)
    #expect(ledger.giveBack() == nil)
    #expect(ledger.open == 0)
    #expect(ledger.ask(from: 1) == .open)
  }
}
