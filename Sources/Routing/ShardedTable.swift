/// A multimap in sorted shards that are never changed: an edit copies the shards that it touches and shares the rest.
struct ShardedTable<Key: UniformKey, Value: Equatable & Sendable>: Sendable {
  /// Keys in ascending order, and the value of each.
  final class Shard: Sendable {
    let keys: [Key]
    let values: [Value]

    init(keys: [Key], values: [Value]) {
      (self.keys, self.values) = (keys, values)
    }
  }

  /// What is taken from a key and what is given to it.
  struct Edit {
    let key: Key
    var removed: Value?
    var added: Value?
  }

  private let shardBits: Int
  private var shards: [Shard]

  /// An empty table of 2^`shardBits` shards, at least two.
  init(shardBits: Int) {
    self.shardBits = shardBits
    shards = Array(repeating: Shard(keys: [], values: []), count: 1 << shardBits)
  }

  /// A table of the entries that `entries` gives, in any order, for each shard.
  init(shardBits: Int, entries: (Int) -> [(key: Key, value: Value)]) {
    self.shardBits = shardBits
    shards = (0..<(1 << shardBits)).map { index in
      let sorted = entries(index).sorted { $0.key < $1.key }
      return Shard(keys: sorted.map(\.key), values: sorted.map(\.value))
    }
  }

  /// A table of these entries, in any order.
  init(shardBits: Int, all: [(key: Key, value: Value)]) {
    var shards = [[(key: Key, value: Value)]](repeating: [], count: 1 << shardBits)
    for entry in all { shards[entry.key.shard(bits: shardBits)].append(entry) }
    self.init(shardBits: shardBits) { shards[$0] }
  }

  /// All entries, by their keys.
  var all: [(key: Key, value: Value)] { shards.flatMap { Array(zip($0.keys, $0.values)) } }

  /// The first value of `key` for which `isWanted` is true.
  @inline(__always)
  func first(_ key: Key, where isWanted: (Value) -> Bool) -> Value? {
    let shard = shards[key.shard(bits: shardBits)]
    var index = shard.keys.lowerBound(of: key, shardBits: shardBits)
    while index < shard.keys.count, shard.keys[index] == key {
      if isWanted(shard.values[index]) { return shard.values[index] }
      index += 1
    }
    return nil
  }

  /// The value of a key that has one at most.
  @inline(__always)
  subscript(key: Key) -> Value? { first(key) { _ in true } }

  /// Makes the edits in their order.
  mutating func apply(_ edits: [Edit]) {
    let bits = shardBits
    for (index, edits) in Dictionary(grouping: edits, by: { $0.key.shard(bits: bits) }) {
      shards[index] = shards[index].applying(edits, shardBits: bits)
    }
  }
}

extension ShardedTable.Shard {
  fileprivate func applying(_ edits: [ShardedTable.Edit], shardBits: Int) -> ShardedTable.Shard {
    var (keys, values) = (self.keys, self.values)
    for edit in edits {
      let start = keys.lowerBound(of: edit.key, shardBits: shardBits)
      if let removed = edit.removed,
        let index = (start..<keys.count).prefix(while: { keys[$0] == edit.key }).first(where: { values[$0] == removed })
      {
        keys.remove(at: index)
        values.remove(at: index)
      }
      if let added = edit.added {
        keys.insert(edit.key, at: start)
        values.insert(added, at: start)
      }
    }
    return ShardedTable.Shard(keys: keys, values: values)
  }
}
