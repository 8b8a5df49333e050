import NIOCore
import Testing

@testable import Gateway

@Suite struct NameCacheTests {
  private let one = [try! SocketAddress(ipAddress: "192.0.2.1", port: 0)]  // A literal that is an address.
  private let two = [try! SocketAddress(ipAddress: "192.0.2.2", port: 0)]
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private func isWait(_ answer: NameCache<Int>.Answer, resolve: Bool) -> Bool {
    if case .wait(resolve) = answer { true } else { false }
  }

  private func addresses(_ answer: NameCache<Int>.Answer) -> ([SocketAddress], refresh: Bool)? {
    if case .addresses(let addresses, let refresh) = answer { (addresses, refresh) } else { nil }
  }

  @Test func resolvesANameOnceForAllWhoAsk() {
    var cache = NameCache<Int>(timeToLive: .seconds(30))
    let first = cache.ask("a", now: start, waiter: 1)
    let second = cache.ask("a", now: start, waiter: 2)
    #expect(isWait(first, resolve: true) && isWait(second, resolve: false))
    let (waiters, found) = cache.resolved("a", to: one, now: start)
    #expect(waiters == [1, 2] && found == one)
    let third = addresses(cache.ask("a", now: start, waiter: 3))
    #expect(third?.0 == one && third?.refresh == false)
  }

  @Test func refreshesInTheBackgroundAndKeepsTheOldMeanwhile() {
    var cache = NameCache<Int>(timeToLive: .seconds(30))
    _ = cache.ask("a", now: start, waiter: 1)
    _ = cache.resolved("a", to: one, now: start)
    let later = start + .seconds(31)
    let old = addresses(cache.ask("a", now: later, waiter: 2))
    #expect(old?.0 == one && old?.refresh == true)
    let again = addresses(cache.ask("a", now: later, waiter: 3))
    #expect(again?.0 == one && again?.refresh == false)
    _ = cache.resolved("a", to: two, now: later)
    #expect(addresses(cache.ask("a", now: later, waiter: 4))?.0 == two)
  }

  @Test func keepsStaleAnswersWhileNoneIsHad() {
    var cache = NameCache<Int>(timeToLive: .seconds(30))
    _ = cache.ask("a", now: start, waiter: 1)
    _ = cache.resolved("a", to: one, now: start)
    let later = start + .seconds(31)
    _ = cache.ask("a", now: later, waiter: 2)
    _ = cache.resolved("a", to: nil, now: later)
    let stale = addresses(cache.ask("a", now: later, waiter: 3))
    #expect(stale?.0 == one && stale?.refresh == false)
  }

  @Test func remembersNoFailure() {
    var cache = NameCache<Int>(timeToLive: .seconds(30))
    _ = cache.ask("a", now: start, waiter: 1)
    let (waiters, found) = cache.resolved("a", to: nil, now: start)
    #expect(waiters == [1] && found.isEmpty)
    let next = cache.ask("a", now: start, waiter: 2)
    #expect(isWait(next, resolve: true))
  }

  @Test func doesNotGrowForEver() {
    var cache = NameCache<Int>(timeToLive: .seconds(30), capacity: 10)
    for number in 0..<100 {
      let now = start + .seconds(Int64(number) * 60)
      _ = cache.ask("\(number)", now: now, waiter: 0)
      _ = cache.resolved("\(number)", to: one, now: now)
    }
    #expect(cache.count <= 11)
  }
}
