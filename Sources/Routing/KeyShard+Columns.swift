import Model

extension KeyShard {
  /// A shard's keys column by column, while it is put together.
  struct Columns: Sendable {
    /// A target of a key and when the authorization for it expires.
    typealias Target = (number: TargetNumber, expiresAt: UnixTime)
    /// A secret of a key and when it expires.
    typealias Secret = (digest: SecretDigest, expiresAt: UnixTime)

    private var ids: [UInt128] = []
    private var records: [Record] = []
    private var secrets: [SecretDigest] = []
    private var targets: [UInt32] = []
    /// Of those secrets that expire: index and time.
    private var secretTimes: [UInt64] = []
    private var targetTimes: [UInt64] = []

    init(keys: Int, secrets: Int, targets: Int) {
      ids.reserveCapacity(keys)
      records.reserveCapacity(keys)
      self.secrets.reserveCapacity(secrets)
      self.targets.reserveCapacity(targets)
    }

    /// Adds a key, whose id is above all there are. `targets` are ascending.
    mutating func append(
      _ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime, secrets: some Sequence<Secret>,
      targets: some Sequence<Target>
    ) {
      let expiring = secretTimes.count
      for secret in secrets { append(secret) }
      for target in targets { append(target) }
      ids.append(id)
      records.append(
        Record(
          expiresAt: expiresAt.microseconds, tenant: tenant, isActive: isActive,
          hasExpiringSecrets: secretTimes.count > expiring, secretsEnd: UInt32(self.secrets.count),
          targetsEnd: UInt32(self.targets.count)))
    }

    private mutating func append(_ secret: Secret) {
      if secret.expiresAt != .distantFuture { secretTimes += Self.time(secret.expiresAt, at: secrets.count) }
      secrets.append(secret.digest)
    }

    private mutating func append(_ target: Target) {
      guard target.expiresAt != .distantFuture else { return targets.append(target.number.rawValue) }
      targetTimes += Self.time(target.expiresAt, at: targets.count)
      targets.append(target.number.rawValue | KeyShard.expires)
    }

    private static func time(_ time: UnixTime, at index: Int) -> [UInt64] {
      [UInt64(index), UInt64(bitPattern: time.microseconds)]
    }

    /// Adds a key as it is in `shard` at `index`.
    mutating func append(from shard: KeyShard, at index: Int) {
      let record = shard.record(at: index)
      append(
        shard.id(at: index), tenant: record.tenant, isActive: record.isActive,
        expiresAt: UnixTime(microseconds: record.expiresAt),
        secrets: shard.secrets(at: index).lazy.map { secret in
          (shard.secret(secret), record.hasExpiringSecrets ? shard.expiry(ofSecret: secret) : .distantFuture)
        },
        targets: shard.targets(at: index).lazy.map { target in
          (TargetNumber(rawValue: shard.target(target) & ~KeyShard.expires), shard.expiry(ofTarget: target))
        })
    }
  }

  /// A shard of these keys, in an array that has no more room than it needs.
  init(_ columns: Columns) {
    self.init(words: columns.words)
  }
}

extension KeyShard.Columns {
  /// As ``KeyShard/words``.
  fileprivate var words: [UInt64] {
    var words: [UInt64] = []
    words.reserveCapacity(
      2 + 5 * ids.count + 4 * secrets.count + (targets.count + 1) / 2 + secretTimes.count + targetTimes.count)
    words.append(UInt64(upper: UInt32(ids.count), lower: UInt32(secrets.count)))
    words.append(UInt64(upper: UInt32(targets.count), lower: UInt32(secretTimes.count / 2)))
    for id in ids { words.append(id) }
    for record in records { record.append(to: &words) }
    for secret in secrets {
      words.append(secret.high)
      words.append(secret.low)
    }
    for index in stride(from: 0, to: targets.count, by: 2) {
      words.append(UInt64(upper: targets[index], lower: index + 1 < targets.count ? targets[index + 1] : 0))
    }
    words += secretTimes
    words += targetTimes
    return words
  }
}

extension [UInt64] {
  fileprivate mutating func append(_ value: UInt128) {
    append(UInt64(truncatingIfNeeded: value >> 64))
    append(UInt64(truncatingIfNeeded: value))
  }
}
