import Model

/// Tenants by the number that they have in this process, in chunks that are never changed.
struct TenantTable: Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    let slug: SlugBytes
    let isActive: Bool
  }

  private final class Chunk: Sendable {
    let entries: [Entry]

    init(_ entries: [Entry]) {
      self.entries = entries
    }
  }

  private static let chunkSize = 64
  private static let shardBits = 8

  private var numbers = ShardedTable<UInt128, UInt32>(shardBits: shardBits)
  private var chunks: [Chunk] = []
  /// How many tenants have a number, which are those below it.
  private(set) var count: UInt32 = 0

  init() {}

  /// A table of these tenants, each with its place as its number.
  init(_ tenants: [(id: UInt128, entry: Entry)]) {
    numbers = ShardedTable(
      shardBits: Self.shardBits, all: tenants.enumerated().map { .init(key: $0.element.id, value: UInt32($0.offset)) })
    chunks = stride(from: 0, to: tenants.count, by: Self.chunkSize).map { start in
      Chunk(tenants[start..<min(start + Self.chunkSize, tenants.count)].map(\.entry))
    }
    count = UInt32(tenants.count)
  }

  /// All tenants, each with its number.
  var all: [(id: UInt128, number: UInt32)] { numbers.all.map { ($0.key, $0.value) } }

  @inline(__always)
  subscript(number: UInt32) -> Entry {
    chunks[Int(number) / Self.chunkSize].entries[Int(number) % Self.chunkSize]
  }

  /// The number of a tenant, which is shut until it is ``set(_:)`` if it was never heard of.
  mutating func numbering(_ id: ID<Tenant>) -> UInt32 {
    numbers[id.bits] ?? add(id, Entry(slug: .none, isActive: false))
  }

  mutating func set(_ tenant: PublishedTenant) {
    let entry = Entry(slug: SlugBytes(tenant.slug), isActive: tenant.isActive)
    if let number = numbers[tenant.id.bits] { replace(number, with: entry) } else { _ = add(tenant.id, entry) }
  }

  /// Shuts a tenant. Its number stays its own, for what may still refer to it.
  mutating func shut(_ id: ID<Tenant>) {
    guard let number = numbers[id.bits] else { return }
    replace(number, with: Entry(slug: self[number].slug, isActive: false))
  }

  private mutating func add(_ id: ID<Tenant>, _ entry: Entry) -> UInt32 {
    let number = count
    count += 1
    numbers.apply([.init(key: id.bits, added: number)])
    if Int(number) % Self.chunkSize == 0 {
      chunks.append(Chunk([entry]))
    } else {
      chunks[chunks.count - 1] = Chunk(chunks[chunks.count - 1].entries + [entry])
    }
    return number
  }

  private mutating func replace(_ number: UInt32, with entry: Entry) {
    var entries = chunks[Int(number) / Self.chunkSize].entries
    entries[Int(number) % Self.chunkSize] = entry
    chunks[Int(number) / Self.chunkSize] = Chunk(entries)
  }
}
