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
    /// 1 for an active key, else 0: any bits there are a value, so that the arrays may be read from a file.
    private let state: UInt32

    init(expiresAt: UnixTime, tenant: UInt32, secretsEnd: Int, targetsEnd: Int, isActive: Bool) {
      (self.expiresAt, self.tenant) = (expiresAt.microseconds, tenant)
      (self.secretsEnd, self.targetsEnd) = (UInt32(secretsEnd), UInt32(targetsEnd))
      state = isActive ? 1 : 0
    }

    var isActive: Bool { state == 1 }
  }

  /// The arrays, while a shard is put together.
  struct Columns: Sendable {
    var ids: [UInt128] = []
    var records: [Record] = []
    var secrets: [SecretDigest] = []
    /// Target numbers, ascending within a key; the top bit says that the authorization expires.
    var targets: [UInt32] = []
    /// The indices in `targets` of those that expire, ascending, and when they do.
    var expiring: [UInt32] = []
    var expiries: [Int64] = []
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

  /// Whether the key at `index` has this secret.
  @inline(__always)
  func hasSecret(_ digest: SecretDigest, at index: Int) -> Bool {
    for secret in secrets(at: index) where columns.secrets[secret] == digest { return true }
    return false
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
    guard columns.targets[index] & Self.expires != 0 else { return .distantFuture }
    var (low, high) = (0, columns.expiring.count)
    while low < high {
      let middle = low + (high - low) / 2
      if columns.expiring[middle] < UInt32(index) { low = middle + 1 } else { high = middle }
    }
    return UnixTime(microseconds: columns.expiries[low])
  }
}

extension KeyShard.Columns {
  /// A target of a key and when the authorization for it expires.
  typealias Target = (number: TargetNumber, expiresAt: UnixTime)

  /// Adds a key, whose id is above all there are. `targets` are ascending.
  mutating func append(
    _ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime, secrets: some Sequence<SecretDigest>,
    targets: some Sequence<Target>
  ) {
    self.secrets.append(contentsOf: secrets)
    for target in targets { append(target) }
    ids.append(id)
    records.append(
      KeyShard.Record(
        expiresAt: expiresAt, tenant: tenant, secretsEnd: self.secrets.count, targetsEnd: self.targets.count,
        isActive: isActive))
  }

  private mutating func append(_ target: Target) {
    guard target.expiresAt != .distantFuture else { return targets.append(target.number.rawValue) }
    expiring.append(UInt32(targets.count))
    expiries.append(target.expiresAt.microseconds)
    targets.append(target.number.rawValue | KeyShard.expires)
  }

  /// Adds a key as it is in `shard` at `index`.
  mutating func append(from shard: KeyShard, at index: Int) {
    let record = shard.columns.records[index]
    append(
      shard.columns.ids[index], tenant: record.tenant, isActive: record.isActive,
      expiresAt: UnixTime(microseconds: record.expiresAt),
      secrets: shard.columns.secrets[shard.secrets(at: index)],
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
  fileprivate func target(_ index: Int) -> Columns.Target {
    (TargetNumber(rawValue: columns.targets[index] & ~Self.expires), expiry(ofTargetAt: index))
  }
}
