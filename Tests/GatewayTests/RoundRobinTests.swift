import Testing

@testable import Gateway

@Suite struct RoundRobinTests {
  @Test func servesOneOfEachInTurn() {
    var queues = RoundRobin<String, Int>()
    for number in 1...4 { queues.append(number, of: "loud") }
    queues.append(10, of: "calm")
    queues.append(11, of: "calm")
    #expect(queues.count == 6)
    #expect((0..<7).map { _ in queues.popFirst()?.waiting } == [1, 10, 2, 11, 3, 4, nil])
    #expect(queues.isEmpty)
  }

  @Test func whoComesAgainIsLast() {
    var queues = RoundRobin<String, Int>()
    queues.append(1, of: "first")
    queues.append(2, of: "second")
    #expect(queues.popFirst()?.key == "first")
    queues.append(3, of: "first")
    #expect(queues.popFirst()?.waiting == 2)
    #expect(queues.popFirst()?.waiting == 3)
  }

  @Test func forgetsWhoIsTakenOut() {
    var queues = RoundRobin<String, Int>()
    for number in 1...2 { queues.append(number, of: "one") }
    queues.append(3, of: "other")
    #expect(queues.remove(of: "one") { $0 == 1 })
    #expect(!queues.remove(of: "one") { $0 == 1 } && !queues.remove(of: "none") { _ in true })
    #expect(queues.remove(of: "other") { $0 == 3 })
    #expect(queues.count == 1)
    #expect(queues.popFirst()?.waiting == 2)
    #expect(queues.popFirst() == nil && queues.isEmpty)
  }
}
