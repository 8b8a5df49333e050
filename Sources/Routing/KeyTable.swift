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
      shard.forEachSecret { leading, _ in counts[leading.shard(bits: shardBits)] += 1 }
    }
    var entries = counts.map { count in
      var entries: [ShardedTable<UInt64, UInt64>.Entry] = []
      entries.reserveCapacity(count)
      return entries
    }
    for shard in shards {
      shard.forEachSecret { leading, id in
        entries[leading.shard(bits: shardBits)].append(.init(key: leading, value: id.leading))
      }
    }
    return ShardedTable(shardBits: shardBits, shards: entries)
  }

  /// A key, and which of its secrets has the digest that was looked for; nil when none has.
  typealias Near = (key: StoredKey, secret: Int?)

  /// The key that has a secret of this digest or, where none has, some other: an unknown digest costs a look at a key
  /// too, so that time does not tell unknown from refused. Nil when there are no secrets.
  @inline(__always)
  func nearest(_ digest: SecretDigest) -> Near? {
    var near: Near?
    index.search(digest.high.leading) { leading in
      near = shards[leading.shard(bits: Self.shardBits)].nearest(digest, idLeading: leading)
      return near?.secret != nil
    }
    return near
  }

  /// A key as it is to be from now on; none when `content` is nil.
  struct Edit {
    let id: UInt128
    let content: KeyShardDraft.Content?
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
  /// Hands the first half of each secret's digest's first half to `body`, and the id of its key.
  fileprivate func forEachSecret(_ body: (_ leading: UInt64, _ id: UInt128) -> Void) {
    for index in 0..<count {
      let key = key(at: index)
      for digest in key.digests { body(digest.high.leading, key.id) }
    }
  }

  /// What the edits change in the index of secrets.
  fileprivate func indexEdits(for edits: [KeyTable.Edit]) -> [ShardedTable<UInt64, UInt64>.Edit] {
    edits.flatMap { edit in
      let old = key(edit.id).map { Array($0.digests) } ?? []
      let new = edit.content?.secrets.map(\.digest) ?? []
      let gone = old.filter { !new.contains($0) }.map(\.high.leading)
      let added = new.filter { !old.contains($0) }.map(\.high.leading)
      return gone.map { ShardedTable.Edit(key: $0, removed: edit.id.leading) }
        + added.map { ShardedTable.Edit(key: $0, added: edit.id.leading) }
    }
  }

  /// A copy with the edits made, which are in the order of their ids.
  fileprivate func applying(_ edits: [KeyTable.Edit]) -> KeyShard {
    var draft = KeyShardDraft(keys: count + edits.count, words: words.count)
    var next = 0
    for edit in edits {
      let place = lowerBound(of: edit.id)
      draft.append(next..<place, of: self)
      if let content = edit.content { draft.append(edit.id, content) }
      next = place < count && key(at: place).id == edit.id ? place + 1 : place
    }
    draft.append(next..<count, of: self)
    return draft.finish()
  }
}
