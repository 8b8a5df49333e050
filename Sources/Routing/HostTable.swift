import Framing
import Model

/// The hosts that tenants own: by what names them in a call, and by their domain's id.
struct HostTable: Sendable {
  private static let shardBits = 6

  private var domains = ShardedTable<UInt128, BoundHost>(shardBits: shardBits)
  private var hosts = ShardedTable<UInt64, BoundHost>(shardBits: shardBits)
  /// How long names are that are bound, a bit for each length: most calls' hosts are looked up no further than here.
  private var lengths = InlineArray<4, UInt64>(repeating: 0)
  private var isEmpty = true

  init() {}

  /// A table of these, no two of which have the same domain or host.
  init(_ all: [BoundHost]) {
    domains = ShardedTable(shardBits: Self.shardBits, all: all.map { .init(key: $0.domain.bits, value: $0) })
    hosts = ShardedTable(shardBits: Self.shardBits, all: all.map { .init(key: $0.hash, value: $0) })
    noteLengths()
  }

  var all: [BoundHost] { domains.all.map(\.value) }

  /// What is bound by the host of a call, whose value is `host`, port included.
  @inline(__always)
  func find(_ host: ByteRange, in bytes: Span<UInt8>) -> BoundHost? {
    guard !isEmpty else { return nil }
    let name = HostField.boundName(bytes, host)
    guard name.count < 256, lengths[name.count >> 6] >> UInt64(name.count & 63) & 1 == 1 else { return nil }
    return lookUp(name, in: bytes)
  }

  @inline(never)
  private func lookUp(_ name: ByteRange, in bytes: Span<UInt8>) -> BoundHost? {
    hosts.first(bytes.hostHash(name)) { host in
      let own = host.name
      return bytes.matches(name, name: own.span, ByteRange(0, own.count))
    }
  }

  /// What a domain binds; nil for one that is not verified.
  func find(_ domain: ID<Domain>) -> BoundHost? { domains[domain.bits] }

  /// Makes the changes, which may move a host from one domain to another in any order.
  mutating func apply(_ changes: [(id: ID<Domain>, host: BoundHost?)]) {
    guard !changes.isEmpty else { return }
    // The last of one domain counts.
    let changes = Dictionary(changes.map { ($0.id, $0.host) }) { $1 }
    for id in changes.keys {
      guard let old = domains[id.bits] else { continue }
      domains.apply([.init(key: id.bits, removed: old)])
      hosts.apply([.init(key: old.hash, removed: old)])
    }
    for (id, host) in changes {
      guard let host else { continue }
      domains.apply([.init(key: id.bits, added: host)])
      hosts.apply([.init(key: host.hash, added: host)])
    }
    noteLengths()
  }

  private mutating func noteLengths() {
    lengths = InlineArray(repeating: 0)
    isEmpty = all.isEmpty
    for host in all { lengths[host.name.count >> 6] |= 1 << UInt64(host.name.count & 63) }
  }
}
