import Model

/// Limit policies by the number that they have in this process.
struct LimitTable: Sendable {
  private var entries: NumberedTable<PublishedLimits>
  /// How many policies have a number, which are those below it.
  var count: UInt32 { entries.count }

  init() { entries = NumberedTable() }

  /// A table of these policies, each with its place as its number.
  init(_ policies: [PublishedLimits]) { entries = NumberedTable(policies.map { ($0.id.bits, $0) }) }

  /// All policies in the order of their numbers.
  var all: [PublishedLimits] { entries.all.map(\.entry) }

  @inline(__always)
  subscript(number: LimitsNumber) -> PublishedLimits { entries[number.rawValue] }

  /// The number of a policy, whose limits are unknown until it is ``set(_:)``.
  mutating func numbering(_ id: ID<LimitPolicy>) -> LimitsNumber {
    LimitsNumber(rawValue: entries.number(of: id.bits, unknown: .unknown(id)))
  }

  mutating func set(_ limits: PublishedLimits) { entries.replace(numbering(limits.id).rawValue, with: limits) }

  /// Forgets what a policy allows. Its number stays its own, for what may still refer to it.
  mutating func remove(_ id: ID<LimitPolicy>) {
    if let number = entries.number(of: id.bits) { entries.replace(number, with: .unknown(id)) }
  }
}

/// A limit policy's number in this process.
struct LimitsNumber: Hashable, Sendable {
  let rawValue: UInt32
}
