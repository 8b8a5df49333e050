import ArgumentParser
import FramingDifferential

/// Compares our parser with llhttp on any number of mutated heads and bodies, on all processors.
@main struct FramingFuzz: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold our HTTP/1 parser against llhttp on mutated heads and bodies.")

  @Option(help: "How many.")
  var cases: UInt64 = 1_000_000
  @Option(help: "The number of the first case, to see it again or to go on.")
  var first: UInt64 = 0
  @Option(help: "What the cases are made from; a fresh one if none is given.")
  var seed: UInt64 = .random(in: 0...UInt64(UInt32.max))
  @Option(help: "How many threads.")
  var threads = 2

  func run() async throws {
    print("seed \(seed), cases \(first) to \(first + cases - 1)")
    let campaign = Campaign(seed: seed, corpus: try Corpus.load())
    let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
      let share = (cases + UInt64(threads) - 1) / UInt64(threads)
      for start in stride(from: first, to: first + cases, by: Int(max(share, 1))) {
        let numbers = start..<min(start + share, first + cases)
        group.addTask { try campaign.run(numbers) }
      }
      return try await group.reduce(into: Tally()) { $0.add($1) }
    }
    print(tally)
    if !tally.defects.isEmpty { throw ExitCode.failure }
  }
}
