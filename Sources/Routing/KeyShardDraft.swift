import Model

/// A shard while it is put together, key after key.
struct KeyShardDraft {
  /// All of a key but its id, as it is to be stored.
  struct Content {
    /// A target of a key, when the authorization for it expires, and what limits it.
    typealias Target = (number: TargetNumber, expiresAt: UnixTime, limits: LimitsNumber?)
    /// A secret of a key and when it expires.
    typealias Secret = (digest: SecretDigest, expiresAt: UnixTime)

    let tenant: UInt32
    let isActive: Bool
    let expiresAt: UnixTime
    let secrets: [Secret]
    /// Ascending.
    let targets: [Target]
  }

  private var directory: [UInt64] = []
  private var rows: [UInt64] = []

  /// - Parameter words: How many the keys' rows will have, so that the array is made once.
  init(keys: Int, words: Int) {
    directory.reserveCapacity(keys)
    rows.reserveCapacity(words)
  }

  /// Adds a key, whose id is above all there are. Its secrets and authorizations are without end and limit; `targets` is
  /// ascending.
  mutating func append(
    _ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime, secrets: Span<SecretDigest>,
    targets: Span<UInt32>
  ) {
    begin(
      id,
      StoredKey.Facts(
        tenant: tenant, isActive: isActive, expires: expiresAt != .distantFuture, secrets: secrets.count,
        targets: targets.count),
      expiresAt)
    for index in secrets.indices {
      rows.append(secrets[index].high)
      rows.append(secrets[index].low)
    }
    for index in stride(from: 0, to: targets.count, by: 2) {
      rows.append(UInt64(upper: targets[index], lower: index + 1 < targets.count ? targets[index + 1] : 0))
    }
  }

  /// Adds a key, whose id is above all there are.
  mutating func append(_ id: UInt128, _ content: Content) {
    let facts = StoredKey.Facts(content)
    begin(id, facts, content.expiresAt)
    for secret in content.secrets {
      rows.append(secret.digest.high)
      rows.append(secret.digest.low)
    }
    rows.append(halves: content.targets.map(\.number.rawValue))
    if facts.haveSecretsTimes { content.secrets.forEach { rows.append($0.expiresAt) } }
    if facts.haveTargetsTimes { content.targets.forEach { rows.append($0.expiresAt) } }
    if facts.haveTargetsLimits { rows.append(halves: content.targets.map { $0.limits.map { $0.rawValue + 1 } ?? 0 }) }
  }

  /// Adds the keys in this range as they are in `shard`.
  mutating func append(_ range: Range<Int>, of shard: KeyShard) {
    guard !range.isEmpty else { return }
    let start = shard.start(of: range.lowerBound)
    for index in range {
      let offset = rows.count + shard.start(of: index) - start
      directory.append(UInt64(upper: shard.words[1 + index].upper, lower: UInt32(offset)))
    }
    rows += shard.words[start..<shard.start(of: range.upperBound)]
  }

  private mutating func begin(_ id: UInt128, _ facts: StoredKey.Facts, _ expiresAt: UnixTime) {
    directory.append(UInt64(upper: KeyShard.directoryPart(of: id.leading), lower: UInt32(rows.count)))
    rows.append(id)
    rows.append(facts.word)
    if facts.expires { rows.append(expiresAt) }
  }

  /// The shard, in an array that has no more room than it needs.
  func finish() -> KeyShard {
    var words: [UInt64] = []
    words.reserveCapacity(1 + directory.count + rows.count)
    words.append(UInt64(directory.count))
    words += directory
    words += rows
    return KeyShard(words: words)
  }
}

extension StoredKey.Facts {
  fileprivate init(_ content: KeyShardDraft.Content) {
    let (secrets, targets) = (content.secrets, content.targets)
    self.init(
      tenant: content.tenant, isActive: content.isActive, expires: content.expiresAt != .distantFuture,
      secrets: secrets.count, targets: targets.count,
      haveSecretsTimes: secrets.contains { $0.expiresAt != .distantFuture },
      haveTargetsTimes: targets.contains { $0.expiresAt != .distantFuture },
      haveTargetsLimits: targets.contains { $0.limits != nil })
  }

  fileprivate init(
    tenant: UInt32, isActive: Bool, expires: Bool, secrets: Int, targets: Int, haveSecretsTimes: Bool = false,
    haveTargetsTimes: Bool = false, haveTargetsLimits: Bool = false
  ) {
    precondition(secrets <= Self.maximumSecrets && targets <= Self.maximumTargets, "a row has its limits")
    var lower = UInt32(secrets) << 5 | UInt32(targets) << 11
    if isActive { lower |= 1 }
    if expires { lower |= 2 }
    if haveSecretsTimes { lower |= 4 }
    if haveTargetsTimes { lower |= 8 }
    if haveTargetsLimits { lower |= 16 }
    self.init(word: UInt64(upper: tenant, lower: lower))
  }
}

extension [UInt64] {
  fileprivate mutating func append(_ value: UInt128) {
    append(UInt64(truncatingIfNeeded: value >> 64))
    append(UInt64(truncatingIfNeeded: value))
  }

  fileprivate mutating func append(_ time: UnixTime) {
    append(UInt64(bitPattern: time.microseconds))
  }

  /// Two a word.
  fileprivate mutating func append(halves: [UInt32]) {
    for index in stride(from: 0, to: halves.count, by: 2) {
      append(UInt64(upper: halves[index], lower: index + 1 < halves.count ? halves[index + 1] : 0))
    }
  }
}
