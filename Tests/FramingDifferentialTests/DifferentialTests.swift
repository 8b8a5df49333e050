import Foundation
import FramingDifferential
import Testing

/// Ours refuses whatever llhttp refuses, and reads the same messages wherever both accept.
@Suite(.timeLimit(.minutes(10))) struct DifferentialTests {
  private static let corpus = Result { try Corpus.load() }

  @Test(arguments: try corpus.get().entries) func agreesOnTheKeptCorpusAtEveryCut(entry: Corpus.Entry) throws {
    let traffic = entry.traffic
    let everyByte = Array(1..<max(2, traffic.bytes.count))
    for cuts in [[], everyByte] + everyByte.map({ [$0] }) {
      let cut = Traffic(traffic.direction, traffic.bytes, cuts: cuts)
      let verdict = try Comparison.of(cut).verdict
      if case .disagreement(let what) = verdict { Issue.record("\(what): \(cut)") }
    }
  }

  /// For ten seconds, or as many as `LATCHKEY_FUZZ_SECONDS` says. `scripts/fuzz --seed … --first … --cases 1` sees one
  /// case again.
  @Test func agreesOnFreshMutations() throws {
    let seconds = ProcessInfo.processInfo.environment["LATCHKEY_FUZZ_SECONDS"].flatMap { Int($0) } ?? 10
    let campaign = Campaign(seed: .random(in: 0...UInt64(UInt32.max)), corpus: try Self.corpus.get())
    let deadline = ContinuousClock.now + .seconds(seconds)
    var tally = Tally()
    while ContinuousClock.now < deadline {
      let first = UInt64(tally.cases)
      tally.add(try campaign.run(first..<(first + 200)))
    }
    print("seed \(campaign.seed):", tally)
    #expect(tally.defects.isEmpty, "seed \(campaign.seed)")
    // Were everything refused, nothing would be compared.
    #expect(tally.withWholeMessage * 4 > tally.cases && tally.bothAccept * 10 > tally.cases)
    #expect(tally.bothRefuse * 20 > tally.cases && tally.stricter.count > 10)
  }

  @Test func makesTheSameCaseAgainFromItsSeed() throws {
    let corpus = try Self.corpus.get()
    for number: UInt64 in 0..<100 {
      #expect(Campaign(seed: 7, corpus: corpus).traffic(number) == Campaign(seed: 7, corpus: corpus).traffic(number))
    }
    #expect(Campaign(seed: 7, corpus: corpus).traffic(1) != Campaign(seed: 8, corpus: corpus).traffic(1))
  }

  /// The comparison itself: what must come out as a difference does.
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Comparison.Verdict.bothAccept),
    ("GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n", .bothRefuse),
    ("GET / HTTP/1.1\r\nHost: a\r\nA\u{1}", .bothRefuse),
    ("GET /a//b HTTP/1.1\r\nHost: a\r\n\r\n", .stricter("unsafePath(Framing.RequestPath.Flaw.emptySegment)")),
  ])
  func tellsWhoRefuses(text: String, verdict: Comparison.Verdict) throws {
    #expect(try Comparison.of(Traffic(.requests, Array(text.utf8))).verdict == verdict)
  }
}
