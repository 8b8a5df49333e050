import TestWire
import Testing

@testable import Gateway

/// Who is answered when more is asked at once than can be answered at once.
@Suite(.timeLimit(.minutes(10))) struct TurnsTests {
  /// With this seed parties lie where their highest ten bits say.
  private func make(_ limit: Int) -> Turns<Int> { Turns(limit: limit, seed: 1) }
  private func party(_ number: UInt64) -> UInt64 { number << 54 }

  @Test func takesNoMoreOfAPartyThanALimitInARound() {
    var turns = make(3)
    #expect((0..<5).map { _ in turns.take(party(1)) } == [true, true, true, false, false])
    #expect(turns.take(party(2)) == true)
    turns.beginRound()
    #expect(turns.take(party(1)) == true)
  }

  @Test func whoeverIsAloneHasLongerRoundsUntilSomebodyElseAsks() {
    var turns = make(2)
    func taken() -> Int { (0..<100).prefix { _ in turns.take(party(1)) }.count }
    #expect(taken() == 2)
    for _ in 1..<Turns<Int>.moments { turns.momentPassed() }
    #expect(taken() == 2)
    turns.momentPassed()
    #expect(taken() == 16)
    turns.beginRound()
    #expect(turns.take(party(2)) == true)
    #expect(taken() == 2)
    for _ in 0..<Turns<Int>.moments { turns.momentPassed() }
    for number in 0..<20 { turns.wait(number, of: party(1)) }
    var served = turns.serve()
    #expect(served.count == 16)
    turns.beginRound()
    #expect(turns.take(party(2)) == true)
    served = turns.serve()
    #expect(served.count == 2)
  }

  @Test func aConnectionThatIsReadAgainBeginsARound() {
    var turns = make(1)
    var (first, second): (UInt32, UInt32) = (0, 0)
    let begun = turns.round
    turns.isRead(lastIn: &first)
    turns.isRead(lastIn: &second)
    #expect(turns.round == begun)
    turns.isRead(lastIn: &second)
    #expect(turns.round == begun + 1)
    // It was read in the round before.
    turns.isRead(lastIn: &first)
    #expect(turns.round == begun + 1)
  }

  @Test func servesTheQueuesInTurnAndEachInOrder() {
    var turns = make(3)
    for number in 0..<5 { turns.wait(number, of: party(1)) }
    turns.wait(10, of: party(2))
    #expect(turns.serve() == [0, 10, 1])
    #expect(turns.serve() == [2, 3, 4])
    #expect(!turns.hasWaiters)
    #expect(turns.serve() == [])
  }

  @Test func whoComesLaterDoesNotPassWhoWaits() {
    var turns = make(2)
    for number in 0..<3 { turns.wait(number, of: party(1)) }
    turns.beginRound()
    #expect(turns.take(party(1)) == false)
    #expect(turns.serve() == [0, 1])
    #expect(turns.take(party(1)) == false)
    #expect(turns.serve() == [2])
    // What was served counts in its round.
    #expect([turns.take(party(1)), turns.take(party(1))] == [true, false])
  }

  @Test func forgetsWhoWaits() {
    var turns = make(1)
    turns.wait(1, of: party(1))
    turns.clear()
    turns.beginRound()
    #expect(!turns.hasWaiters)
    #expect(turns.serve() == [])
    #expect(turns.take(party(1)) == true)
  }

  /// Whatever order parties ask in, all are served once, and none waits for more than its own and as many of each other.
  @Test(arguments: 0..<20) func servesEveryoneOnce(seed: UInt64) {
    var random = SplitMix(state: seed)
    var turns = make(4)
    var asked: [Int] = []
    var served: [Int] = []
    for number in 0..<300 {
      let who = party(random.next() % 5)
      if turns.take(who) { served.append(number) } else { turns.wait(number, of: who) }
      asked.append(number)
      if random.next() % 7 == 0 { served += turns.serve() }
    }
    while turns.hasWaiters {
      let some = turns.serve()
      #expect(!some.isEmpty && some.count <= 4)
      served += some
    }
    #expect(served.sorted() == asked)
  }

  private static let check = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok\r\n"

  @Test func manyCallsAtOnceWaitAndAreAllAnswered() async throws {
    let tally = RequestTally()
    try await RunningGateway.with(World(port: 1), configure: { $0.callsPerTurn = 1 }, tally: tally) { gateway in
      let client = try await gateway.connectInternally()
      try await client.send(String(repeating: request("GET", "/check/nginx", Self.check), count: 20))
      for _ in 0..<20 { #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 ")) }
    }
    #expect(tally.waitsForTurn > 0)
    #expect(tally.count(of: 2, on: .check) == 20)
  }

  @Test func aClientThatGoesWhileItWaitsHoldsNobodyUp() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: { $0.callsPerTurn = 1 }) { gateway in
        for _ in 0..<5 {
          let gone = try await gateway.connect()
          try await gone.send(String(repeating: request("GET", "/acme/online/none"), count: 50))
          try await gone.close()
        }
        let client = try await gateway.connect()
        try await client.send(String(repeating: request(keyed: false), count: 10))
        for _ in 0..<10 {
          #expect(try await client.read(through: "\"}\n").hasPrefix("HTTP/1.1 401 "))
        }
      }
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
