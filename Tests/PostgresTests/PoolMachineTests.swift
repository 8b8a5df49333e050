import Testing

@testable import Postgres

struct PoolMachineTests {
  @Test func opensOnlyWhenSomebodyWaits() throws {
    var machine = PoolMachine(maximum: 2)
    let (first, actions) = machine.acquire()
    let waiter = try #require(first.waiter)
    let connection = try #require(actions.opened.first)
    #expect(actions == [.open(connection, failures: 0)])
    #expect(machine.opened(connection) == [.grant(waiter, connection)])
    #expect(machine.counts == (0, 1, 0))
  }

  @Test func neverExceedsItsMaximum() {
    var machine = PoolMachine(maximum: 2)
    let opened = (0..<5).flatMap { _ in machine.acquire().1.opened }
    #expect(opened.count == 2)
    #expect(machine.counts.waiting == 5)
  }

  @Test func servesWaitersInOrder() throws {
    var machine = PoolMachine(maximum: 1)
    let (first, actions) = machine.acquire()
    let connection = try #require(actions.opened.first)
    let second = try #require(machine.acquire().0.waiter)
    let third = try #require(machine.acquire().0.waiter)
    #expect(machine.opened(connection) == [.grant(try #require(first.waiter), connection)])
    #expect(machine.release(connection) == [.grant(second, connection)])
    #expect(machine.release(connection) == [.grant(third, connection)])
    #expect(machine.release(connection).isEmpty)
    #expect(machine.acquire().0 == .granted(connection))
  }

  @Test func lendsNoPartyAllConnections() throws {
    var machine = PoolMachine(maximum: 4)
    let (greedy, modest) = (PoolParty("greedy"), PoolParty("modest"))
    var lent: [ConnectionID] = []
    for _ in 0..<3 {
      let connection = try #require(machine.acquire(for: greedy).1.opened.first)
      _ = machine.opened(connection)
      lent.append(connection)
    }
    // Neither is a connection opened for it, nor one that is idle given to it.
    let (fourth, actions) = machine.acquire(for: greedy)
    #expect(actions == [])
    let other = try #require(machine.acquire(for: modest).1.opened.first)
    _ = machine.opened(other)
    #expect(machine.release(other) == [])
    let (fifth, more) = machine.acquire(for: greedy)
    #expect(more == [])
    #expect(machine.acquire(for: modest).0 == .granted(other))
    #expect(machine.acquire().0.waiter != nil)
    // Who waits for its share is served in order once it gives something back.
    #expect(machine.release(lent[0]) == [.grant(try #require(fourth.waiter), lent[0])])
    #expect(machine.closed(lent[1]).opened.count == 1)
    #expect(machine.timeOut(try #require(fifth.waiter)) == [.refuse(fifth.waiter!, .timeout(isServerAway: false))])
  }

  @Test func lendsTheOnlyConnectionToAnybody() throws {
    var machine = PoolMachine(maximum: 1)
    let connection = try #require(machine.acquire(for: PoolParty("one")).1.opened.first)
    #expect(machine.opened(connection).count == 1)
  }

  @Test func usesTheConnectionUsedLastFirst() throws {
    var machine = PoolMachine(maximum: 2)
    let (one, two) = (try machine.leased(), try machine.leased())
    _ = machine.release(one)
    _ = machine.release(two)
    #expect(machine.acquire().0 == .granted(two))
  }

  @Test func forgetsAWaiterThatTimedOutOrWasCancelled() throws {
    var machine = PoolMachine(maximum: 1)
    let connection = try machine.leased()
    let late = try #require(machine.acquire().0.waiter)
    let cancelled = try #require(machine.acquire().0.waiter)
    let patient = try #require(machine.acquire().0.waiter)
    #expect(machine.timeOut(late) == [.refuse(late, .timeout(isServerAway: false))])
    #expect(machine.cancel(cancelled) == [.refuse(cancelled, .cancelled)])
    #expect(machine.timeOut(late).isEmpty)
    #expect(machine.release(connection) == [.grant(patient, connection)])
  }

  @Test func triesOneConnectionAtATimeWhileTheServerIsAway() throws {
    var machine = PoolMachine(maximum: 4)
    let (first, actions) = machine.acquire()
    let connection = try #require(actions.opened.first)
    _ = machine.acquire()
    machine.openFailed(connection)
    // The second waiter's own connection is still being opened, so no third is tried.
    #expect(machine.closed(connection).isEmpty)
    let second = ConnectionID(number: 4)
    machine.openFailed(second)
    let retry = machine.closed(second)
    #expect(retry.count == 1)
    guard case .open(let next, failures: 2) = try #require(retry.first) else {
      Issue.record("the second failure is counted")
      return
    }
    #expect(
      machine.timeOut(try #require(first.waiter)) == [
        .refuse(try #require(first.waiter), .timeout(isServerAway: true))
      ])
    // Back: the one who waits is served.
    #expect(machine.opened(next).contains { if case .grant(_, next) = $0 { true } else { false } })
    #expect(machine.failures == 0)
  }

  @Test func replacesABrokenConnectionForThoseWaiting() throws {
    var machine = PoolMachine(maximum: 1)
    let connection = try machine.leased()
    #expect(machine.acquire().0.waiter != nil)
    #expect(machine.closed(connection).opened.count == 1)
    #expect(machine.release(connection).isEmpty)
  }

  @Test func checksIdleConnectionsAndRetiresOldOnes() throws {
    var machine = PoolMachine(maximum: 1)
    let connection = try machine.leased()
    #expect(machine.idled(connection, isExpired: true) == .keep)
    _ = machine.release(connection)
    #expect(machine.idled(connection, isExpired: false) == .check)
    // While it is checked it is lent to nobody.
    let waiter = try #require(machine.acquire().0.waiter)
    #expect(machine.checked(connection) == [.grant(waiter, connection)])
    _ = machine.release(connection)
    #expect(machine.idled(connection, isExpired: true) == .retire)
    #expect(machine.closed(connection).isEmpty)
    #expect(machine.counts == (0, 0, 0))
  }

  @Test func shutsDownWhenTheLastConnectionIsClosed() throws {
    var machine = PoolMachine(maximum: 2)
    let (used, idle) = (try machine.leased(), try machine.leased())
    _ = machine.release(idle)
    #expect(machine.shutDown() == [.close(idle)])
    #expect(machine.acquire().0 == .closed)
    #expect(machine.closed(idle).isEmpty)
    #expect(machine.release(used) == [.close(used)])
    #expect(machine.closed(used) == [.finish])
  }

  @Test func refusesWaitersAtShutdown() throws {
    var machine = PoolMachine(maximum: 1)
    let (acquisition, actions) = machine.acquire()
    let opening = try #require(actions.opened.first)
    let waiter = try #require(acquisition.waiter)
    #expect(machine.shutDown() == [.refuse(waiter, .closed), .close(opening), .finish])
    #expect(machine.opened(opening).isEmpty)
    #expect(machine.closed(opening).isEmpty)
  }
}

struct BackoffTests {
  @Test func doublesUpToItsLimitAndNeverBelowHalf() {
    var generator = SystemRandomNumberGenerator()
    let backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
    #expect(backoff.delay(afterFailures: 0, using: &generator) == .zero)
    for (failures, full) in [(1, 100), (2, 200), (4, 800), (5, 1000), (1000, 1000)] {
      let delay = backoff.delay(afterFailures: failures, using: &generator)
      #expect(delay >= .milliseconds(full / 2) && delay <= .milliseconds(full))
    }
  }
}

extension PoolMachine {
  /// Opens and lends one more connection.
  fileprivate mutating func leased() throws -> ConnectionID {
    let connection = try #require(acquire().1.opened.first)
    _ = opened(connection)
    return connection
  }
}

extension PoolMachine.Acquisition {
  fileprivate var waiter: WaiterID? { if case .waiting(let waiter) = self { waiter } else { nil } }
}

extension [PoolMachine.Action] {
  fileprivate var opened: [ConnectionID] {
    compactMap { if case .open(let connection, _) = $0 { connection } else { nil } }
  }
}
