import Model
import Routing
import Testing

/// What an event loop notes of the secrets that were used, and what a node keeps of that.
struct SecretUsesTests {
  private static func time(_ microseconds: Int64) -> UnixTime { UnixTime(microseconds: microseconds) }

  /// Digests that are all meant for the same place in the table.
  private static func crowded(_ count: Int) -> [SecretDigest] {
    (1...count).map { SecretDigest(high: UInt128($0), low: 7 << 64 | 5) }
  }

  @Test func givesTheLatestUseOfEachSecretOnce() {
    var uses = SecretUses()
    let (first, second) = (SecretValue.random().digest, SecretValue.random().digest)
    uses.note(first, at: Self.time(1))
    uses.note(second, at: Self.time(2))
    uses.note(first, at: Self.time(3))
    #expect(Set(uses.take()) == [.init(of: first, at: Self.time(3)), .init(of: second, at: Self.time(2))])
    #expect(uses.take().isEmpty)
    uses.note(second, at: Self.time(4))
    #expect(uses.take() == [.init(of: second, at: Self.time(4))])
  }

  @Test func tellsSecretsOfOnePlaceApart() {
    var uses = SecretUses()
    let secrets = Self.crowded(100)
    for round in 0..<3 {
      for (index, secret) in secrets.enumerated() { uses.note(secret, at: Self.time(Int64(round * 1000 + index))) }
    }
    #expect(
      Set(uses.take())
        == Set(secrets.enumerated().map { .init(of: $0.element, at: Self.time(Int64(2000 + $0.offset))) }))
  }

  @Test func isFullBeforeItHasNoRoom() {
    var uses = SecretUses()
    let secrets = (0..<SecretUses.capacity).map { _ in SecretValue.random().digest }
    for secret in secrets {
      #expect(!uses.isFull)
      uses.note(secret, at: Self.time(1))
    }
    #expect(uses.isFull)
    #expect(Set(uses.take().map(\.secret)) == Set(secrets))
    #expect(!uses.isFull)
  }

  @Test func keepsTheLaterOfTwoUses() {
    let log = SecretUseLog()
    let secret = SecretValue.random().digest
    for time in [5, 9, 7] { log.add([.init(of: secret, at: Self.time(Int64(time)))]) }
    #expect(log.take() == [.init(of: secret, at: Self.time(9))])
    #expect(log.take().isEmpty)
  }

  @Test func isBounded() {
    let log = SecretUseLog(capacity: 10)
    let secrets = Self.crowded(100)
    log.add(secrets.map { .init(of: $0, at: Self.time(1)) })
    log.add(secrets.map { .init(of: $0, at: Self.time(2)) })
    let kept = log.take()
    #expect(kept.count == 10)
    #expect(kept.allSatisfy { $0.at == Self.time(2) })
  }
}
