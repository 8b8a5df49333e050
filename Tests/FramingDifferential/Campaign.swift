/// Any number of cases made from one seed, compared and counted.
package struct Campaign: Sendable {
  package let seed: UInt64
  private let requests: [[UInt8]]
  private let responses: [[UInt8]]

  package init(seed: UInt64, corpus: Corpus) {
    self.seed = seed
    (requests, responses) = (corpus.bytes(.requests), corpus.bytes(.responses))
  }

  /// The case with this number, always the same one.
  package func traffic(_ number: UInt64) -> Traffic {
    var random = SeededGenerator(seed: seed, number: number)
    let direction: Traffic.Direction = random.once(in: 3) ? .responses : .requests
    let corpus = direction == .requests ? requests : responses
    var bytes = random.once(in: 5) ? random.pick(corpus) : written(direction, &random)
    var mutator = ByteMutator(random: random, corpus: corpus)
    for _ in 0..<mutator.random.pick([0, 0, 0, 1, 1, 2, 4]) { mutator.mutate(&bytes) }
    random = mutator.random
    var cuts: Set<Int> = []
    for _ in 0..<random.pick([0, 1, 1, 2, 5]) where !bytes.isEmpty { cuts.insert(random.number(below: bytes.count)) }
    return Traffic(
      direction, bytes, cuts: cuts.sorted(), toHEAD: Traffic.noneToHEAD.map { _ in random.once(in: 6) })
  }

  private func written(_ direction: Traffic.Direction, _ random: inout SeededGenerator) -> [UInt8] {
    var grammar = Grammar(random, oddity: random.pick([0, 15, 50, 150, 400]))
    for _ in 0...grammar.random.number(below: 3) {
      switch direction {
      case .requests: grammar.request()
      case .responses: grammar.response()
      }
    }
    random = grammar.random
    return grammar.bytes
  }

  /// Compares the cases with these numbers.
  package func run(_ numbers: Range<UInt64>) throws -> Tally {
    var tally = Tally()
    for number in numbers {
      let traffic = traffic(number)
      tally.count(try Comparison.of(traffic), of: traffic, number: number)
    }
    return tally
  }
}

/// What became of some cases.
package struct Tally: Sendable {
  package private(set) var cases = 0
  package private(set) var bothAccept = 0
  package private(set) var bothRefuse = 0
  /// Cases with at least one whole message that both read alike.
  package private(set) var withWholeMessage = 0
  /// What we refused and llhttp takes, by reason.
  package private(set) var stricter: [String: Int] = [:]
  /// The first of the defects, with all that is needed to see them again.
  package private(set) var defects: [String] = []

  package init() {}

  mutating func count(_ comparison: Comparison, of traffic: Traffic, number: UInt64) {
    cases += 1
    switch comparison.verdict {
    case .bothAccept: bothAccept += 1
    case .bothRefuse: bothRefuse += 1
    case .stricter(let reason): stricter[reason, default: 0] += 1
    case .disagreement(let what):
      if defects.count < 20 {
        defects.append(
          "case \(number): \(what)\n  \(traffic)\n  ours:   \(comparison.ours.summary)\n  llhttp: \(comparison.llhttps.summary)"
        )
      }
    }
    if comparison.ours.messages.first?.isComplete == true { withWholeMessage += 1 }
  }

  package mutating func add(_ other: Tally) {
    cases += other.cases
    bothAccept += other.bothAccept
    bothRefuse += other.bothRefuse
    withWholeMessage += other.withWholeMessage
    stricter.merge(other.stricter) { $0 + $1 }
    defects += other.defects.prefix(max(0, 20 - defects.count))
  }
}

extension Tally: CustomStringConvertible {
  package var description: String {
    let reasons = stricter.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value) \($0.key)" }
    let counts = [
      "\(cases) cases", "\(withWholeMessage) with a whole message read by both",
      "\(bothAccept) accepted to the end by both",
      "\(bothRefuse) refused by both", "\(stricter.values.reduce(0, +)) refused by ours alone:",
    ]
    return (counts + reasons + ["\(defects.count) disagreements"] + defects).joined(separator: "\n")
  }
}

extension Reading {
  fileprivate var summary: String {
    let messages = messages.map { message in
      let end = message.isComplete ? "" : "…"
      let start = message.start.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      return
        "[\(start), \(message.fields.count) fields, \(message.body.count) bytes\(end), \(message.trailers.count) trailers]"
    }
    return messages.joined() + " \(ending)"
  }
}
