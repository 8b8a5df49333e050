import Model

/// A part of all subscription keys, in the order of their ids and in one array of words: a look-up waits for memory at
/// each new place, and an array for every column would have it wait for as many lengths as well.
///
/// | words | what |
/// |---|---|
/// | 2 | how many keys, secrets, targets and secrets that expire; those targets that expire fill the rest |
/// | 2 a key | ids |
/// | 3 a key | ``Record`` |
/// | 4 a secret | digests |
/// | ½ a target | target numbers, ascending within a key; the top bit says that the authorization expires |
/// | 2 a time | when those secrets expire that do: index and time |
/// | 2 a time | when those targets expire that do: index and time |
///
/// 84 bytes for a key with one secret and three targets, to which the index of secrets adds 16.
struct KeyShard: Sendable {
  /// What is kept of every key. Its secrets and targets begin where those of the key before it end.
  struct Record: Sendable {
    let expiresAt: Int64
    let tenant: UInt32
    let isActive: Bool
    /// Whether any of its secrets has a time of its own to expire at.
    let hasExpiringSecrets: Bool
    let secretsEnd: UInt32
    let targetsEnd: UInt32
  }

  static let empty = KeyShard(words: [0, 0])
  static let expires: UInt32 = 1 << 31

  /// As in the table above.
  let words: [UInt64]

  /// - Parameter words: As in the table above, which is not checked here.
  init(words: [UInt64]) {
    self.words = words
  }

  /// How many keys there are.
  @inline(__always)
  var count: Int { Int(words[0].upper) }
  @inline(__always)
  var secretCount: Int { Int(words[0].lower) }
  @inline(__always)
  var targetCount: Int { Int(words[1].upper) }
  @inline(__always)
  var secretTimes: SparseTimes { SparseTimes(start: targetsStart + (targetCount + 1) / 2, count: Int(words[1].lower)) }
  @inline(__always)
  var targetTimes: SparseTimes { SparseTimes(start: secretTimes.end, count: (words.count - secretTimes.end) / 2) }

  private static let idsStart = 2
  @inline(__always)
  private var recordsStart: Int { Self.idsStart + 2 * count }
  @inline(__always)
  private var secretsStart: Int { recordsStart + 3 * count }
  @inline(__always)
  private var targetsStart: Int { secretsStart + 4 * secretCount }

  @inline(__always)
  func id(at index: Int) -> UInt128 {
    let place = Self.idsStart + 2 * index
    return UInt128(words[place]) << 64 | UInt128(words[place + 1])
  }

  /// The first half of the id of the key at `index`.
  @inline(__always)
  func idLeading(at index: Int) -> UInt64 { words[Self.idsStart + 2 * index] }

  @inline(__always)
  func record(at index: Int) -> Record { Record(words, at: recordsStart + 3 * index) }

  /// The digest of the secret with this index, which counts through all keys.
  @inline(__always)
  func secret(_ index: Int) -> SecretDigest {
    let place = secretsStart + 4 * index
    return SecretDigest(
      high: UInt128(words[place]) << 64 | UInt128(words[place + 1]),
      low: UInt128(words[place + 2]) << 64 | UInt128(words[place + 3]))
  }

  /// The target with this index, which counts through all keys, with its top bit.
  @inline(__always)
  func target(_ index: Int) -> UInt32 {
    let word = words[targetsStart + index / 2]
    return index % 2 == 0 ? word.upper : word.lower
  }
}

// MARK: - Looking up

extension KeyShard {
  /// Where the first key lies whose id is not below `id`.
  @inline(__always)
  func lowerBound(of id: UInt128) -> Int {
    id.lowerBound(amongst: count, shardBits: KeyTable.shardBits) { self.id(at: $0) }
  }

  /// The index of the key, or nil.
  @inline(__always)
  func index(of id: UInt128) -> Int? {
    let index = lowerBound(of: id)
    return index < count && self.id(at: index) == id ? index : nil
  }

  /// The indices of the secrets of the key at `index`.
  @inline(__always)
  func secrets(at index: Int) -> Range<Int> {
    let start = index == 0 ? 0 : record(at: index - 1).secretsEnd
    return Int(start)..<Int(record(at: index).secretsEnd)
  }

  /// The indices of the targets of the key at `index`.
  @inline(__always)
  func targets(at index: Int) -> Range<Int> {
    let start = index == 0 ? 0 : record(at: index - 1).targetsEnd
    return Int(start)..<Int(record(at: index).targetsEnd)
  }

  /// The index of this secret among those of the key at `index`; nil when it is none of them.
  @inline(__always)
  func secret(_ digest: SecretDigest, at index: Int) -> Int? {
    for secret in secrets(at: index) where self.secret(secret) == digest { return secret }
    return nil
  }

  /// When the secret with this index expires.
  func expiry(ofSecret index: Int) -> UnixTime { secretTimes.time(of: index, in: words) }

  /// When the authorization of the key at `index` for `target` expires; nil when there is none.
  @inline(__always)
  func expiry(of target: TargetNumber, at index: Int) -> UnixTime? {
    let range = targets(at: index)
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if self.target(middle) & ~Self.expires < target.rawValue { low = middle + 1 } else { high = middle }
    }
    guard low < range.upperBound, self.target(low) & ~Self.expires == target.rawValue else { return nil }
    return expiry(ofTarget: low)
  }

  /// When the authorization for the target with this index expires.
  func expiry(ofTarget index: Int) -> UnixTime {
    target(index) & Self.expires == 0 ? .distantFuture : targetTimes.time(of: index, in: words)
  }
}

// MARK: - Words

extension KeyShard.Record {
  /// Any words are a record, so that they may be read from a file.
  @inline(__always)
  init(_ words: [UInt64], at place: Int) {
    let (belongings, owner) = (words[place + 1], words[place + 2])
    expiresAt = Int64(bitPattern: words[place])
    (secretsEnd, targetsEnd) = (belongings.upper, belongings.lower)
    (tenant, isActive, hasExpiringSecrets) = (owner.upper, owner & 1 != 0, owner & 2 != 0)
  }

  func append(to words: inout [UInt64]) {
    words.append(UInt64(bitPattern: expiresAt))
    words.append(UInt64(upper: secretsEnd, lower: targetsEnd))
    words.append(UInt64(upper: tenant, lower: (isActive ? 1 : 0) | (hasExpiringSecrets ? 2 : 0)))
  }
}

extension UInt64 {
  @inline(__always)
  init(upper: UInt32, lower: UInt32) { self = UInt64(upper) << 32 | UInt64(lower) }
  @inline(__always)
  var upper: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
  @inline(__always)
  var lower: UInt32 { UInt32(truncatingIfNeeded: self) }
}
