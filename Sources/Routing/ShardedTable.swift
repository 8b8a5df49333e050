/// A multimap in sorted shards: an edit copies the shards that it touches and shares the rest.
struct ShardedTable<Key: UniformKey, Value: Equatable & Sendable>: Sendable {
  /// A key and its value lie side by side, since a look-up wants both: in a large table every other place is a wait.
  struct Entry: Sendable {
    let key: Key
    let value: Value
  }

  /// What is taken from a key and what is given to it.
  struct Edit {
    let key: Key
    var removed: Value?
    var added: Value?
  }

  private let shardBits: Int
  /// Each in ascending order of its keys.
  private var shards: [[Entry]]
  private var occupied: OccupiedShards

  /// An empty table of 2^`shardBits` shards, at least two.
  init(shardBits: Int) {
    self.shardBits = shardBits
    shards = Array(repeating: [], count: 1 << shardBits)
    occupied = OccupiedShards([])
  }

  /// A table of these entries, given by shard and in any order there.
  init(shardBits: Int, shards: consuming [[Entry]]) {
    precondition(shards.count == 1 << shardBits, "a table has all its shards")
    self.shardBits = shardBits
    for index in shards.indices { shards[index].sort { $0.key < $1.key } }
    self.shards = shards
    occupied = OccupiedShards(shards.lazy.map(\.isEmpty))
  }

  /// A table of these entries, in any order.
  init(shardBits: Int, all: [Entry]) {
    var shards = [[Entry]](repeating: [], count: 1 << shardBits)
    for entry in all { shards[entry.key.shard(bits: shardBits)].append(entry) }
    self.init(shardBits: shardBits, shards: shards)
  }

  /// All entries, by their keys.
  var all: [Entry] { shards.flatMap(\.self) }

  /// The first value of `key` for which `isWanted` is true.
  @inline(__always)
  func first(_ key: Key, where isWanted: (Value) -> Bool) -> Value? {
    let shard = shards[key.shard(bits: shardBits)]
    var index = shard.lowerBound(of: key, shardBits: shardBits)
    while index < shard.count, shard[index].key == key {
      if isWanted(shard[index].value) { return shard[index].value }
      index += 1
    }
    return nil
  }

  /// Hands the values of `key` to `isWanted`, one after the other until it is true, or, where the key has none, some
  /// other key's value: it takes the same steps whether there is such a key or not. An empty table has none to hand over.
  @inline(__always)
  func search(_ key: Key, where isWanted: (Value) -> Bool) {
    var shard = shards[key.shard(bits: shardBits)]
    if shard.isEmpty, let other = occupied.standIn(for: key.leading) { shard = shards[other] }
    guard !shard.isEmpty else { return }
    var index = min(shard.lowerBound(of: key, shardBits: shardBits), shard.count - 1)
    while !isWanted(shard[index].value), index + 1 < shard.count, shard[index + 1].key == key { index += 1 }
  }

  /// The value of a key that has one at most.
  @inline(__always)
  subscript(key: Key) -> Value? { first(key) { _ in true } }

  /// Makes the edits in their order.
  mutating func apply(_ edits: [Edit]) {
    for edit in edits {
      let index = edit.key.shard(bits: shardBits)
      let wasEmpty = shards[index].isEmpty
      shards[index].apply(edit, shardBits: shardBits)
      if shards[index].isEmpty != wasEmpty { occupied.set(index, isEmpty: !wasEmpty) }
    }
  }
}

extension Array {
  /// Makes an edit in a sorted shard. The copy has no more room than it needs: nearly all shards are changed some day.
  fileprivate mutating func apply<Key, Value>(_ edit: ShardedTable<Key, Value>.Edit, shardBits: Int)
  where Element == ShardedTable<Key, Value>.Entry {
    let start = lowerBound(of: edit.key, shardBits: shardBits)
    let removed = edit.removed.flatMap { removed in
      (start..<count).prefix { self[$0].key == edit.key }.first { self[$0].value == removed }
    }
    var edited: [Element] = []
    edited.reserveCapacity(count + (edit.added == nil ? 0 : 1) - (removed == nil ? 0 : 1))
    edited += self[..<start]
    if let added = edit.added { edited.append(Element(key: edit.key, value: added)) }
    edited += self[start..<(removed ?? start)]
    edited += self[(removed.map { $0 + 1 } ?? start)...]
    self = edited
  }

  /// Where the first entry whose key is not below `key` lies.
  @inline(__always)
  fileprivate func lowerBound<Key, Value>(of key: Key, shardBits bits: Int) -> Int
  where Element == ShardedTable<Key, Value>.Entry {
    key.lowerBound(amongst: count, shardBits: bits) { self[$0].key }
  }
}
