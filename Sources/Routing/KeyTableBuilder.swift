import Model

/// Puts a ``KeyTable`` together from rows in any order: first all keys, then their secrets and targets.
struct KeyTableBuilder: Sendable {
  private var shards: [KeyShardDraft]
  private var index: [[(key: UInt64, value: UInt64)]]

  /// - Parameter expectedKeys: About how many there will be; arrays of that size are then made once.
  init(expectedKeys: Int) {
    let count = 1 << KeyTable.shardBits
    let mean = expectedKeys / count
    // Random ids put more than this into few shards: the mean and four standard deviations.
    let room = mean == 0 ? 0 : mean + 4 * Int(Double(mean).squareRoot())
    shards = (0..<count).map { _ in KeyShardDraft(room: room) }
    index = (0..<count).map { _ in
      var entries: [(key: UInt64, value: UInt64)] = []
      entries.reserveCapacity(room)
      return entries
    }
  }

  mutating func addKey(_ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime) {
    let record = KeyShard.Record(
      expiresAt: expiresAt.microseconds, tenant: tenant, secretsEnd: 0, targetsEnd: 0, isActive: isActive)
    shards[id.shard(bits: KeyTable.shardBits)].add(id, record)
  }

  /// Adds a secret; nothing when its key was not added.
  mutating func addSecret(_ digest: SecretDigest, of id: UInt128) {
    guard shards[id.shard(bits: KeyTable.shardBits)].add(digest, of: id) else { return }
    let leading = digest.high.leading
    index[leading.shard(bits: KeyTable.shardBits)].append((leading, id.leading))
  }

  /// Adds a target; nothing when its key was not added.
  mutating func addTarget(_ target: TargetNumber, expiresAt: UnixTime, of id: UInt128) {
    shards[id.shard(bits: KeyTable.shardBits)].add(target, expiresAt, of: id)
  }

  mutating func build() -> KeyTable {
    let finished = shards.indices.map { shard in
      defer { shards[shard] = KeyShardDraft(room: 0) }
      return shards[shard].finish()
    }
    let table = ShardedTable<UInt64, UInt64>(shardBits: KeyTable.shardBits) { shard in
      defer { index[shard] = [] }
      return index[shard]
    }
    return KeyTable(shards: finished, index: table)
  }
}

/// A shard's rows before they are in order.
private struct KeyShardDraft: Sendable {
  private var keys: [(id: UInt128, record: KeyShard.Record)] = []
  private var isSorted = true
  private var secrets: [(key: UInt32, digest: SecretDigest)] = []
  /// The key's place above, the target's number below.
  private var targets: [UInt64] = []
  private var expiries: [UInt64: UnixTime] = [:]

  init(room: Int) {
    keys.reserveCapacity(room)
    secrets.reserveCapacity(room)
  }

  mutating func add(_ id: UInt128, _ record: KeyShard.Record) {
    precondition(secrets.isEmpty && targets.isEmpty, "keys come before what belongs to them")
    keys.append((id, record))
    isSorted = false
  }

  mutating func add(_ digest: SecretDigest, of id: UInt128) -> Bool {
    guard let place = place(of: id) else { return false }
    secrets.append((UInt32(place), digest))
    return true
  }

  mutating func add(_ target: TargetNumber, _ expiresAt: UnixTime, of id: UInt128) {
    guard let place = place(of: id) else { return }
    let entry = UInt64(place) << 32 | UInt64(target.rawValue)
    targets.append(entry)
    if expiresAt != .distantFuture { expiries[entry] = expiresAt }
  }

  private mutating func place(of id: UInt128) -> Int? {
    if !isSorted {
      keys.sort { $0.id < $1.id }
      isSorted = true
    }
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = low + (high - low) / 2
      if keys[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < keys.count && keys[low].id == id ? low : nil
  }

  mutating func finish() -> KeyShard {
    keys.sort { $0.id < $1.id }
    secrets.sort { $0.key < $1.key }
    targets.sort()
    var columns = KeyShard.Columns()
    columns.reserve(keys: keys.count, secrets: secrets.count, targets: targets.count)
    var (nextSecret, nextTarget) = (0, 0)
    for (place, key) in keys.enumerated() {
      let ownSecrets = secrets[nextSecret...].prefix { $0.key == UInt32(place) }
      let ownTargets = targets[nextTarget...].prefix { $0 >> 32 == UInt64(place) }
      columns.append(
        key.id, tenant: key.record.tenant, isActive: key.record.isActive,
        expiresAt: UnixTime(microseconds: key.record.expiresAt), secrets: ownSecrets.lazy.map(\.digest),
        targets: ownTargets.map {
          (TargetNumber(rawValue: UInt32(truncatingIfNeeded: $0)), expiries[$0] ?? .distantFuture)
        })
      (nextSecret, nextTarget) = (ownSecrets.endIndex, ownTargets.endIndex)
    }
    return KeyShard(columns)
  }
}
