import Model

extension KeyShard {
  /// Whether these words, wherever they come from, are those of a shard: everything that is looked up in them without
  /// asking is there.
  func isPossible(as number: Int, tenants: UInt32, limits: UInt32) -> Bool {
    guard let first = words.first, first < words.count else { return false }
    var end = 1 + count
    for index in 0..<count {
      guard start(of: index) == end, end + 3 <= words.count else { return false }
      let length = key(at: index).facts.length
      guard length <= words.count - end else { return false }
      end += length
    }
    return end == words.count && areKeysPossible(in: number, tenants: tenants, limits: limits)
  }

  /// Ascending, all of this shard and where the directory says, and each one possible.
  private func areKeysPossible(in number: Int, tenants: UInt32, limits: UInt32) -> Bool {
    (0..<count).allSatisfy { index in
      let key = key(at: index)
      return key.id.shard(bits: KeyTable.shardBits) == number
        && words[1 + index].upper == Self.directoryPart(of: key.id.leading)
        && (index == 0 || self.key(at: index - 1).id < key.id)
        && key.tenant < tenants && zip(key.targets, key.targets.dropFirst()).allSatisfy { $0.rawValue < $1.rawValue }
        && key.targetsLimits.allSatisfy { number in number.map { $0.rawValue < limits } ?? true }
    }
  }
}
