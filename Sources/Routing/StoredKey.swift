import Model

/// A subscription key where it lies in a ``KeyShard``: a row of words, read as they are asked for.
///
/// | words | what |
/// |---|---|
/// | 2 | the id |
/// | 1 | ``Facts`` |
/// | 1 | when the key expires, if it does |
/// | 4 a secret | digests |
/// | ½ a target | target numbers, ascending |
/// | 1 a secret | when each expires, if any does |
/// | 1 a target | when the authorization for each expires, if any does |
/// | ½ a target | one more than the number of each one's limit policy, or 0, if any has one |
struct StoredKey {
  private let words: [UInt64]
  private let start: Int
  let facts: Facts

  /// - Parameter words: A shard's, with a row at `start`.
  @inline(__always)
  init(in words: [UInt64], at start: Int) {
    (self.words, self.start) = (words, start)
    facts = Facts(word: words[start + 2])
  }

  @inline(__always)
  var id: UInt128 { words.wide(at: start) }
  @inline(__always)
  var tenant: UInt32 { facts.tenant }
  @inline(__always)
  var isActive: Bool { facts.isActive }

  @inline(__always)
  var expiresAt: UnixTime { facts.expires ? time(at: start + 3) : .distantFuture }

  /// Which of its secrets this is; nil when it is none of them.
  @inline(__always)
  func secret(_ digest: SecretDigest) -> Int? {
    for secret in 0..<facts.secretCount where self.digest(ofSecret: secret) == digest { return secret }
    return nil
  }

  @inline(__always)
  func digest(ofSecret secret: Int) -> SecretDigest {
    let place = secretsStart + 4 * secret
    return SecretDigest(high: words.wide(at: place), low: words.wide(at: place + 2))
  }

  /// When a secret expires; never, for one that there is not.
  @inline(__always)
  func expiry(ofSecret secret: Int) -> UnixTime {
    facts.haveSecretsTimes && secret < facts.secretCount ? time(at: targetsEnd + secret) : .distantFuture
  }

  /// Which of its targets this is; nil when it is none of them.
  @inline(__always)
  func index(of target: TargetNumber) -> Int? {
    var (low, high) = (0, facts.targetCount)
    while low < high {
      let middle = low + (high - low) / 2
      if self.target(middle).rawValue < target.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < facts.targetCount && self.target(low) == target ? low : nil
  }

  /// When the authorization for a target expires.
  @inline(__always)
  func expiry(ofTarget index: Int) -> UnixTime {
    facts.haveTargetsTimes ? time(at: targetTimesStart + index) : .distantFuture
  }

  /// What limits the key's calls of a target.
  @inline(__always)
  func limits(ofTarget index: Int) -> LimitsNumber? {
    guard facts.haveTargetsLimits else { return nil }
    let word = words[targetLimitsStart + index / 2]
    let number = index % 2 == 0 ? word.upper : word.lower
    return number == 0 ? nil : LimitsNumber(rawValue: number - 1)
  }

  /// Its targets' numbers, ascending.
  var targets: some Collection<TargetNumber> { (0..<facts.targetCount).lazy.map(target) }
  /// What limits its calls of each, in the same order.
  var targetsLimits: some Collection<LimitsNumber?> { (0..<facts.targetCount).lazy.map(limits) }
  var digests: some Collection<SecretDigest> { (0..<facts.secretCount).lazy.map(digest) }

  @inline(__always)
  private func target(_ index: Int) -> TargetNumber {
    let word = words[secretsEnd + index / 2]
    return TargetNumber(rawValue: index % 2 == 0 ? word.upper : word.lower)
  }

  @inline(__always)
  private func time(at place: Int) -> UnixTime { UnixTime(microseconds: Int64(bitPattern: words[place])) }

  @inline(__always)
  private var secretsStart: Int { start + 3 + (facts.expires ? 1 : 0) }
  @inline(__always)
  private var secretsEnd: Int { secretsStart + 4 * facts.secretCount }
  @inline(__always)
  private var targetsEnd: Int { secretsEnd + (facts.targetCount + 1) / 2 }
  @inline(__always)
  private var targetTimesStart: Int { targetsEnd + (facts.haveSecretsTimes ? facts.secretCount : 0) }
  @inline(__always)
  private var targetLimitsStart: Int { targetTimesStart + (facts.haveTargetsTimes ? facts.targetCount : 0) }
}

extension StoredKey {
  /// What is known of a key beside its secrets and targets, and so how long its row is.
  struct Facts {
    static let maximumSecrets = 1 << 6 - 1
    static let maximumTargets = 1 << 21 - 1

    /// The tenant's number above; below, from the lowest bit: active, expires, secrets have times, targets have times,
    /// targets have limits, six bits with the number of secrets, 21 with that of targets. Any word is one, for it may come
    /// from a file.
    let word: UInt64

    @inline(__always)
    init(word: UInt64) { self.word = word }

    @inline(__always)
    var tenant: UInt32 { word.upper }
    @inline(__always)
    var isActive: Bool { word & 1 != 0 }
    @inline(__always)
    var expires: Bool { word & 2 != 0 }
    @inline(__always)
    var haveSecretsTimes: Bool { word & 4 != 0 }
    @inline(__always)
    var haveTargetsTimes: Bool { word & 8 != 0 }
    @inline(__always)
    var haveTargetsLimits: Bool { word & 16 != 0 }
    @inline(__always)
    var secretCount: Int { Int(word.lower >> 5 & 0x3F) }
    @inline(__always)
    var targetCount: Int { Int(word.lower >> 11) }

    /// How many words the row has.
    var length: Int {
      3 + (expires ? 1 : 0) + (haveSecretsTimes ? 5 : 4) * secretCount
        + (targetCount + 1) / 2 * (haveTargetsLimits ? 2 : 1) + (haveTargetsTimes ? targetCount : 0)
    }
  }
}

extension [UInt64] {
  /// The 128 bits of two words, the more significant first.
  @inline(__always)
  fileprivate func wide(at place: Int) -> UInt128 { UInt128(self[place]) << 64 | UInt128(self[place + 1]) }
}
