import Framing
import Model
import Routing
import Testing

/// A connection that remembers its last secret decides like one that does not.
struct SecretMemoTests {
  private let world = World()

  /// What each of these values of the key's header comes to, in calls of one connection and in calls of their own.
  private func decide(_ values: [String], by snapshots: [Snapshot]) throws -> (kept: [Refusal?], own: [Refusal?]) {
    var memo = SecretMemo()
    var kept: [Refusal?] = []
    var own: [Refusal?] = []
    for (value, snapshot) in zip(values, snapshots) {
      let request = try Request("GET /acme/online/echo/hello", fields: ["\(World.defaultHeader): \(value)"])
      let decision = snapshot.decide(
        Call(request.head), request.head, in: request.bytes.span, at: World.now, memo: &memo)
      kept.append(decision.refusal)
      own.append(request.decision(by: snapshot).refusal)
    }
    return (kept, own)
  }

  private func decide(_ values: [String]) throws -> (kept: [Refusal?], own: [Refusal?]) {
    try decide(values, by: values.map { _ in world.snapshot })
  }

  @Test func takesTheSameSecretAgain() throws {
    let secret = world.secret.revealed
    #expect(try decide([secret, secret, world.second.revealed, secret]).kept == [nil, nil, nil, nil])
  }

  @Test(arguments: 0..<SecretValue.length)
  func tellsASecretFromTheLastOneByEachCharacter(place: Int) throws {
    var other = Array(world.secret.revealed.utf8)
    other[place] = other[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
    let results = try decide([world.secret.revealed, String(decoding: other, as: UTF8.self), world.secret.revealed])
    #expect(results.kept == [nil, .unauthenticated(.malformed), nil])
    #expect(results.kept == results.own)
  }

  @Test func asksTheSnapshotEachTime() throws {
    var disabled = world
    disabled.isKeyActive = false
    let secret = world.secret.revealed
    let unknown = SecretValue.random().revealed
    let results = try decide(
      [secret, secret, secret, unknown, unknown],
      by: [world.snapshot, disabled.snapshot, world.snapshot, world.snapshot, world.snapshot])
    let refusals: [Refusal?] = [
      nil, .unauthenticated(.disabled), nil, .unauthenticated(.unknown), .unauthenticated(.unknown),
    ]
    #expect(results.kept == refusals)
    #expect(results.kept == results.own)
  }
}
