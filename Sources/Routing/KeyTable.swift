import Model

/// All subscription keys by id, and the index of their secrets.
///
/// The index is a hint: a secret counts only if the key that it leads to lists it, so nothing left over in the index
/// can let a removed secret in.
struct KeyTable: Sendable {
  static let shardBits = 12

  private(set) var shards: [KeyShard]
  /// From the first half of a digest's first half to that of the id of the key that has it.
  private var index: ShardedTable<UInt64, UInt64>

  init() {
    shards = Array(repeating: .empty, count: 1 << Self.shardBits)
    index = ShardedTable(shardBits: Self.shardBits)
  }

  /// - Parameter shards: 2^``shardBits`` of them.
  init(shards: [KeyShard]) {
    self.shards = shards
    index = Self.index(of: shards)
  }

  /// Counts before it fills, so that each array is made once in its size.
  private static func index(of shards: [KeyShard]) -> ShardedTable<UInt64, UInt64> {
    var counts = [Int](repeating: 0, count: 1 << shardBits)
    for shard in shards {
      for secret in 0..<shard.secretCount { counts[shard.secret(secret).high.leading.shard(bits: shardBits)] += 1 }
    }
    var entries = counts.map { count in
      var entries: [ShardedTable<UInt64, UInt64>.Entry] = []
      entries.reserveCapacity(count)
      return entries
    }
    for shard in shards {
      for key in 0..<shard.count {
        for secret in shard.secrets(at: key) {
          let leading = shard.secret(secret).high.leading
          entries[leading.shard(bits: shardBits)].append(.init(key: leading, value: shard.idLeading(at: key)))
        }
      }
    }
    return ShardedTable(shardBits: shardBits, shards: entries)
  }

  /// A key where it lies.
  struct Found {
    let shard: KeyShard
    let index: Int
    /// Where in the shard the secret lies that it was found by.
    let secret: Int

    var id: UInt128 { shard.id(at: index) }
    var record: KeyShard.Record { shard.record(at: index) }

    /// When the secret expires that the key was found by.
    var secretExpiry: UnixTime {
      record.hasExpiringSecrets ? shard.expiry(ofSecret: secret) : .distantFuture
    }

    func expiry(of target: TargetNumber) -> UnixTime? { shard.expiry(of: target, at: index) }
  }

  /// The key that has a secret of this digest.
  ///
  /// An unknown digest costs a look at some key too, so that time does not tell unknown from refused.
  @inline(__always)
  func find(_ digest: SecretDigest) -> Found? {
    var found: Found?
    let hint = index.first(digest.high.leading) { leading in
      found = find(digest, idLeading: leading)
      return found != nil
    }
    if hint == nil { found = find(digest, idLeading: digest.low.leading) }
    return found
  }

  private func find(_ digest: SecretDigest, idLeading leading: UInt64) -> Found? {
    let shard = shards[leading.shard(bits: Self.shardBits)]
    var index = shard.lowerBound(of: UInt128(leading) << 64)
    while index < shard.count, shard.idLeading(at: index) == leading {
      if let secret = shard.secret(digest, at: index) { return Found(shard: shard, index: index, secret: secret) }
      index += 1
    }
    return nil
  }

  /// A key as it is to be from now on; none when `content` is nil.
  struct Edit {
    /// All of a key but its id.
    struct Content {
      let tenant: UInt32
      let isActive: Bool
      let expiresAt: UnixTime
      let secrets: [KeyShard.Columns.Secret]
      /// Ascending.
      let targets: [KeyShard.Columns.Target]
    }

    let id: UInt128
    let content: Content?
  }

  /// Makes the edits; of several for one key, the last.
  mutating func apply(_ edits: [Edit]) {
    var indexEdits: [ShardedTable<UInt64, UInt64>.Edit] = []
    for (index, edits) in Dictionary(grouping: edits, by: { $0.id.shard(bits: Self.shardBits) }) {
      let last = Dictionary(edits.map { ($0.id, $0) }) { $1 }.values.sorted { $0.id < $1.id }
      indexEdits += shards[index].indexEdits(for: last)
      shards[index] = shards[index].applying(last)
    }
    self.index.apply(indexEdits)
  }
}

extension KeyShard {
  /// What the edits change in the index of secrets.
  fileprivate func indexEdits(for edits: [KeyTable.Edit]) -> [ShardedTable<UInt64, UInt64>.Edit] {
    edits.flatMap { edit in
      let old = index(of: edit.id).map { secrets(at: $0).map(secret) } ?? []
      let new = edit.content?.secrets.map(\.digest) ?? []
      let gone = old.filter { !new.contains($0) }.map(\.high.leading)
      let added = new.filter { !old.contains($0) }.map(\.high.leading)
      return gone.map { ShardedTable.Edit(key: $0, removed: edit.id.leading) }
        + added.map { ShardedTable.Edit(key: $0, added: edit.id.leading) }
    }
  }

  /// A copy with the edits made, which are in the order of their ids.
  fileprivate func applying(_ edits: [KeyTable.Edit]) -> KeyShard {
    let contents = edits.compactMap(\.content)
    var merged = Columns(
      keys: count + contents.count, secrets: secretCount + contents.reduce(0) { $0 + $1.secrets.count },
      targets: targetCount + contents.reduce(0) { $0 + $1.targets.count })
    var next = 0
    for edit in edits {
      while next < count, id(at: next) < edit.id {
        merged.append(from: self, at: next)
        next += 1
      }
      if next < count, id(at: next) == edit.id { next += 1 }
      if let content = edit.content {
        merged.append(
          edit.id, tenant: content.tenant, isActive: content.isActive, expiresAt: content.expiresAt,
          secrets: content.secrets, targets: content.targets)
      }
    }
    while next < count {
      merged.append(from: self, at: next)
      next += 1
    }
    return KeyShard(merged)
  }
}
