import Model

/// A part of all subscription keys in flat arrays, in the order of their ids: 100 bytes for a key with one secret and
/// three targets, 16 of them in the index of secrets.
final class KeyShard: Sendable {
  /// What is kept of every key. Its secrets and targets begin where those of the key before it end.
  struct Record: BitwiseCopyable, Sendable {
    let expiresAt: Int64
    let tenant: UInt32
    let secretsEnd: UInt32
    let targetsEnd: UInt32
    /// Flags; any bits there are a value, so that the arrays may be read from a file.
    private let flags: UInt32

    private static let active: UInt32 = 1 << 0
    private static let expiringSecrets: UInt32 = 1 << 1

    init(
      expiresAt: UnixTime, tenant: UInt32, secretsEnd: Int, targetsEnd: Int, isActive: Bool, hasExpiringSecrets: Bool
    ) {
      (self.expiresAt, self.tenant) = (expiresAt.microseconds, tenant)
      (self.secretsEnd, self.targetsEnd) = (UInt32(secretsEnd), UInt32(targetsEnd))
      flags = (isActive ? Self.active : 0) | (hasExpiringSecrets ? Self.expiringSecrets : 0)
    }

    var isActive: Bool { flags & Self.active != 0 }
    /// Whether any of its secrets has a time in ``Columns/secretExpiries``.
    var hasExpiringSecrets: Bool { flags & Self.expiringSecrets != 0 }
  }

  /// The arrays, while a shard is put together.
  struct Columns: Sendable {
    var ids: [UInt128] = []
    var records: [Record] = []
    var secrets: [SecretDigest] = []
    /// When those secrets expire that do.
    var secretExpiries = SparseTimes()
    /// Target numbers, ascending within a key; the top bit says that the authorization expires.
    var targets: [UInt32] = []
    /// When those of `targets` expire that do.
    var targetExpiries = SparseTimes()
  }

  static let expires: UInt32 = 1 << 31

  let columns: Columns

  init(_ columns: Columns) {
    self.columns = columns
  }

  /// The index of the key, or nil.
  @inline(__always)
  func index(of id: UInt128) -> Int? {
    let index = columns.ids.lowerBound(of: id, shardBits: KeyTable.shardBits)
    return index < columns.ids.count && columns.ids[index] == id ? index : nil
  }

  /// The indices of the secrets of the key at `index`.
  @inline(__always)
  func secrets(at index: Int) -> Range<Int> {
    let start = index == 0 ? 0 : columns.records[index - 1].secretsEnd
    return Int(start)..<Int(columns.records[index].secretsEnd)
  }

  /// The indices of the targets of the key at `index`.
  @inline(__always)
  func targets(at index: Int) -> Range<Int> {
    let start = index == 0 ? 0 : columns.records[index - 1].targetsEnd
    return Int(start)..<Int(columns.records[index].targetsEnd)
  }

  /// The index of this secret among those of the key at `index`; nil when it is none of them.
  @inline(__always)
  func secret(_ digest: SecretDigest, at index: Int) -> Int? {
    for secret in secrets(at: index) where columns.secrets[secret] == digest { return secret }
    return nil
  }

  /// When the authorization of the key at `index` for `target` expires; nil when there is none.
  @inline(__always)
  func expiry(of target: TargetNumber, at index: Int) -> UnixTime? {
    let range = targets(at: index)
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if columns.targets[middle] & ~Self.expires < target.rawValue { low = middle + 1 } else { high = middle }
    }
    guard low < range.upperBound, columns.targets[low] & ~Self.expires == target.rawValue else { return nil }
    return expiry(ofTargetAt: low)
  }

  private func expiry(ofTargetAt index: Int) -> UnixTime {
    columns.targets[index] & Self.expires == 0 ? .distantFuture : columns.targetExpiries[index]
  }
}

extension KeyShard.Columns {
  /// A target of a key and when the authorization for it expires.
  typealias Target = (number: TargetNumber, expiresAt: UnixTime)
  /// A secret of a key and when it expires.
  typealias Secret = (digest: SecretDigest, expiresAt: UnixTime)

  /// Adds a key, whose id is above all there are. `targets` are ascending.
  mutating func append(
    _ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime, secrets: some Sequence<Secret>,
    targets: some Sequence<Target>
  ) {
    let expiring = secretExpiries.indices.count
    for secret in secrets {
      secretExpiries.append(secret.expiresAt, at: self.secrets.count)
      self.secrets.append(secret.digest)
    }
    for target in targets { append(target) }
    ids.append(id)
    records.append(
      KeyShard.Record(
        expiresAt: expiresAt, tenant: tenant, secretsEnd: self.secrets.count, targetsEnd: self.targets.count,
        isActive: isActive, hasExpiringSecrets: secretExpiries.indices.count > expiring))
  }

  private mutating func append(_ target: Target) {
    guard target.expiresAt != .distantFuture else { return targets.append(target.number.rawValue) }
    targetExpiries.append(target.expiresAt, at: targets.count)
    targets.append(target.number.rawValue | KeyShard.expires)
  }

  /// Adds a key as it is in `shard` at `index`.
  mutating func append(from shard: KeyShard, at index: Int) {
    let record = shard.columns.records[index]
    append(
      shard.columns.ids[index], tenant: record.tenant, isActive: record.isActive,
      expiresAt: UnixTime(microseconds: record.expiresAt),
      secrets: shard.secrets(at: index).lazy.map { shard.secret($0, hasExpiry: record.hasExpiringSecrets) },
      targets: shard.targets(at: index).lazy.map { shard.target($0) })
  }

  mutating func reserve(keys: Int, secrets: Int, targets: Int) {
    ids.reserveCapacity(keys)
    records.reserveCapacity(keys)
    self.secrets.reserveCapacity(secrets)
    self.targets.reserveCapacity(targets)
  }
}

extension KeyShard {
  /// - Parameter hasExpiry: whether it may be one that expires.
  fileprivate func secret(_ index: Int, hasExpiry: Bool) -> Columns.Secret {
    (columns.secrets[index], hasExpiry ? columns.secretExpiries[index] : .distantFuture)
  }

  fileprivate func target(_ index: Int) -> Columns.Target {
    (TargetNumber(rawValue: columns.targets[index] & ~Self.expires), expiry(ofTargetAt: index))
  }
}
