import Model

/// Entities by the number that they have in this process, in chunks that are never changed. A number stays its entity's
/// own, for what may still refer to it.
struct NumberedTable<Entry: Sendable>: Sendable {
  private final class Chunk: Sendable {
    let entries: [Entry]

    init(_ entries: [Entry]) {
      self.entries = entries
    }
  }

  private static var chunkSize: Int { 64 }
  private static var shardBits: Int { 8 }

  private var numbers = ShardedTable<UInt128, UInt32>(shardBits: shardBits)
  private var chunks: [Chunk] = []
  /// How many entities have a number, which are those below it.
  private(set) var count: UInt32 = 0

  init() {}

  /// A table of these entities, each with its place as its number.
  init(_ all: [(id: UInt128, entry: Entry)]) {
    numbers = ShardedTable(
      shardBits: Self.shardBits, all: all.enumerated().map { .init(key: $0.element.id, value: UInt32($0.offset)) })
    chunks = stride(from: 0, to: all.count, by: Self.chunkSize).map { start in
      Chunk(all[start..<min(start + Self.chunkSize, all.count)].map(\.entry))
    }
    count = UInt32(all.count)
  }

  /// All entities in the order of their numbers.
  var all: [(id: UInt128, entry: Entry)] {
    numbers.all.sorted { $0.value < $1.value }.map { ($0.key, self[$0.value]) }
  }

  @inline(__always)
  subscript(number: UInt32) -> Entry {
    chunks[Int(number) / Self.chunkSize].entries[Int(number) % Self.chunkSize]
  }

  /// The number of an entity, if it has one.
  func number(of id: UInt128) -> UInt32? { numbers[id] }

  /// The number of an entity, which is `unknown` as long as nothing else was said of it.
  mutating func number(of id: UInt128, unknown: @autoclosure () -> Entry) -> UInt32 {
    if let number = numbers[id] { return number }
    let number = count
    count += 1
    numbers.apply([.init(key: id, added: number)])
    if Int(number) % Self.chunkSize == 0 {
      chunks.append(Chunk([unknown()]))
    } else {
      chunks[chunks.count - 1] = Chunk(chunks[chunks.count - 1].entries + [unknown()])
    }
    return number
  }

  mutating func replace(_ number: UInt32, with entry: Entry) {
    var entries = chunks[Int(number) / Self.chunkSize].entries
    entries[Int(number) % Self.chunkSize] = entry
    chunks[Int(number) / Self.chunkSize] = Chunk(entries)
  }
}
