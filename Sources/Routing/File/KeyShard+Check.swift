import Model

extension KeyShard {
  /// Whether these words, wherever they come from, are those of a shard: everything that is looked up in them without
  /// asking is there.
  func isPossible(as number: Int, tenants: UInt32) -> Bool {
    words.count >= 2 && hasRoom && areIDsPossible(as: number) && areRecordsPossible(tenants: tenants)
      && areTargetsPossible && areTargetTimesPossible && areSecretTimesPossible
  }

  /// What is counted in front fits, and times fill the rest.
  private var hasRoom: Bool {
    secretTimes.end <= words.count && targetTimes.end == words.count
  }

  /// Ascending, and all of this shard.
  private func areIDsPossible(as number: Int) -> Bool {
    (0..<count).allSatisfy { index in
      id(at: index).shard(bits: KeyTable.shardBits) == number && (index == 0 || id(at: index - 1) < id(at: index))
    }
  }

  /// Where a key's belongings end, those of the next begin, and the last key's are the last.
  private func areRecordsPossible(tenants: UInt32) -> Bool {
    var (secretsEnd, targetsEnd) = (UInt32(0), UInt32(0))
    for record in (0..<count).lazy.map(record) {
      guard record.tenant < tenants, record.secretsEnd >= secretsEnd, record.targetsEnd >= targetsEnd else {
        return false
      }
      (secretsEnd, targetsEnd) = (record.secretsEnd, record.targetsEnd)
    }
    return secretsEnd == secretCount && targetsEnd == targetCount
  }

  /// Ascending within each key.
  private var areTargetsPossible: Bool {
    (0..<count).allSatisfy { index in
      let own = targets(at: index)
      return own.dropFirst().allSatisfy { target($0 - 1) & ~Self.expires < target($0) & ~Self.expires }
    }
  }

  /// One for each target that says it expires, and no other.
  private var areTargetTimesPossible: Bool {
    let times = targetTimes
    var next = 0
    for index in 0..<targetCount where target(index) & Self.expires != 0 {
      guard next < times.count, times.index(next, in: words) == index else { return false }
      next += 1
    }
    return next == times.count
  }

  /// Ascending, and some for each key that says so, and for no other.
  private var areSecretTimesPossible: Bool {
    let times = secretTimes
    guard (0..<times.count).dropFirst().allSatisfy({ times.index($0 - 1, in: words) < times.index($0, in: words) })
    else { return false }
    var next = 0
    for record in (0..<count).lazy.map(record) {
      let first = next
      while next < times.count, times.index(next, in: words) < record.secretsEnd { next += 1 }
      guard (next > first) == record.hasExpiringSecrets else { return false }
    }
    return next == times.count
  }
}
