import Model

extension KeyShard.Columns {
  /// Whether these arrays, wherever they come from, are those of a shard: everything that is looked up in them without
  /// asking is there.
  func arePossible(inShard number: Int, tenants: UInt32) -> Bool {
    ids.count == records.count && areIDsPossible(inShard: number) && areRecordsPossible(tenants: tenants)
      && areTargetsPossible && areTargetExpiriesPossible && areSecretExpiriesPossible
  }

  /// Ascending, and all of this shard.
  private func areIDsPossible(inShard number: Int) -> Bool {
    zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
      && ids.allSatisfy { $0.shard(bits: KeyTable.shardBits) == number }
  }

  /// Where a key's belongings end, those of the next begin, and the last key's are the last.
  private func areRecordsPossible(tenants: UInt32) -> Bool {
    var (secretsEnd, targetsEnd) = (UInt32(0), UInt32(0))
    for record in records {
      guard record.tenant < tenants, record.secretsEnd >= secretsEnd, record.targetsEnd >= targetsEnd else {
        return false
      }
      (secretsEnd, targetsEnd) = (record.secretsEnd, record.targetsEnd)
    }
    return Int(secretsEnd) == secrets.count && Int(targetsEnd) == targets.count
  }

  /// Ascending within each key.
  private var areTargetsPossible: Bool {
    var start = 0
    for record in records {
      let own = targets[start..<Int(record.targetsEnd)]
      guard zip(own, own.dropFirst()).allSatisfy({ $0 & ~KeyShard.expires < $1 & ~KeyShard.expires }) else {
        return false
      }
      start = Int(record.targetsEnd)
    }
    return true
  }

  /// One for each target that says it expires, and no other.
  private var areTargetExpiriesPossible: Bool {
    var next = 0
    for (index, target) in targets.enumerated() where target & KeyShard.expires != 0 {
      guard next < targetExpiries.indices.count, Int(targetExpiries.indices[next]) == index else { return false }
      next += 1
    }
    return next == targetExpiries.indices.count && next == targetExpiries.times.count
  }

  /// Ascending, and some for each key that says so, and for no other.
  private var areSecretExpiriesPossible: Bool {
    let expiring = secretExpiries.indices
    guard secretExpiries.times.count == expiring.count else { return false }
    guard zip(expiring, expiring.dropFirst()).allSatisfy({ $0 < $1 }) else { return false }
    var next = 0
    for record in records {
      let first = next
      while next < expiring.count, expiring[next] < record.secretsEnd { next += 1 }
      guard (next > first) == record.hasExpiringSecrets else { return false }
    }
    return next == expiring.count
  }
}
