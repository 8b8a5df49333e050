import Model

/// A part of all subscription keys, in the order of their ids and in one array of words.
///
/// A look-up waits for memory at each new place, so there are few: the directory, and the row of the key.
///
/// | words | what |
/// |---|---|
/// | 1 | how many keys there are |
/// | 1 a key | the directory: 32 bits of the id behind those that choose the shard, and where the row begins after it |
/// | the rest | rows, one after the other, as ``StoredKey`` describes them |
///
/// 80 bytes for a key with one secret and three targets, to which the index of secrets adds 16.
struct KeyShard: Sendable {
  static let empty = KeyShard(words: [0])

  /// As in the table above.
  let words: [UInt64]

  /// - Parameter words: As in the table above, which is not checked here.
  init(words: [UInt64]) {
    self.words = words
  }

  /// How many keys there are.
  @inline(__always)
  var count: Int { Int(truncatingIfNeeded: words[0]) }

  /// Where the row begins of the key at `index`, or, behind the last key, would begin.
  @inline(__always)
  func start(of index: Int) -> Int { index < count ? 1 + count + Int(words[1 + index].lower) : words.count }

  @inline(__always)
  func key(at index: Int) -> StoredKey { StoredKey(in: words, at: start(of: index)) }

  /// Where the first key lies whose id is not below `id`.
  func lowerBound(of id: UInt128) -> Int {
    var index = first(like: id.leading)
    while index < count, key(at: index).id < id { index += 1 }
    return index
  }

  /// The key with this id, or nil.
  func key(_ id: UInt128) -> StoredKey? {
    let index = lowerBound(of: id)
    guard index < count else { return nil }
    let key = key(at: index)
    return key.id == id ? key : nil
  }

  /// The first key that has this secret, of those whose ids begin like `idLeading`, and which of its secrets it is. Where
  /// none has, the last that was looked at: one that begins so, or else the next. Nil when there are no keys.
  @inline(__always)
  func nearest(_ digest: SecretDigest, idLeading: UInt64) -> KeyTable.Near? {
    let part = Self.directoryPart(of: idLeading)
    guard count > 0 else { return nil }
    var index = min(first(like: idLeading), count - 1)
    while true {
      let key = key(at: index)
      let secret = key.secret(digest)
      index += 1
      if secret != nil || index == count || words[1 + index].upper != part { return (key, secret) }
    }
  }

  /// Where the first key lies whose id does not begin with less than `idLeading`, as far as the directory tells.
  @inline(__always)
  private func first(like idLeading: UInt64) -> Int {
    let part = UInt64(upper: Self.directoryPart(of: idLeading), lower: 0)
    return part.lowerBound(amongst: count, shardBits: 0) { UInt64(upper: words[1 + $0].upper, lower: 0) }
  }

  /// What the directory has of an id that begins with `idLeading`.
  @inline(__always)
  static func directoryPart(of idLeading: UInt64) -> UInt32 { (idLeading << UInt64(KeyTable.shardBits)).upper }
}

extension UInt64 {
  @inline(__always)
  init(upper: UInt32, lower: UInt32) { self = UInt64(upper) << 32 | UInt64(lower) }
  @inline(__always)
  var upper: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
  @inline(__always)
  var lower: UInt32 { UInt32(truncatingIfNeeded: self) }
}
