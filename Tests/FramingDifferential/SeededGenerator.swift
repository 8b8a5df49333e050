/// A sequence of numbers that a seed decides (SplitMix64), so that whatever was made from it can be made again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The generator of one case among those of a seed.
  package init(seed: UInt64, number: UInt64) {
    var mixed = SeededGenerator(seed: seed ^ number &* 0xD1B5_4A32_D192_ED03)
    state = mixed.next() ^ number
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, but not including, `bound`.
  mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// True once in `count` times on average.
  mutating func once(in count: Int) -> Bool { number(below: count) == 0 }

  mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element
  where Choices.Index == Int {
    choices[choices.startIndex + number(below: choices.count)]
  }
}
