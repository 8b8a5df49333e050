import Model

/// Puts a ``KeyTable`` together from rows in any order: first all keys, then their secrets and targets.
///
/// Each of millions of these looks for a key somewhere in hundreds of megabytes, and would wait for the memory twice. So they
/// are added some at a time, and what they look for is asked for before the first is added: the memory brings many things
/// at once as long as none of them says where the next one is.
struct KeyTableBuilder: Sendable {
  /// How many secrets or targets are added at a time.
  static let batchSize = 64

  private var shards: [KeyShardRows]
  private var waitingSecrets: [(digest: SecretDigest, expiresAt: UnixTime, key: UInt128)] = []
  /// So that asking has an outcome.
  private var asked = 0

  /// - Parameter expectedKeys: About how many there will be; arrays of that size are then made once.
  init(expectedKeys: Int) {
    let count = 1 << KeyTable.shardBits
    let mean = expectedKeys / count
    // Random ids put more than this into few shards: the mean and four standard deviations.
    let room = mean == 0 ? 0 : mean + 4 * Int(Double(mean).squareRoot())
    shards = (0..<count).map { _ in KeyShardRows(room: room) }
    waitingSecrets.reserveCapacity(Self.batchSize)
  }

  mutating func addKey(_ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime) {
    shards[id.shard(bits: KeyTable.shardBits)].add(id, tenant: tenant, isActive: isActive, expiresAt: expiresAt)
  }

  /// Adds a secret; nothing when its key was not added.
  mutating func addSecret(_ digest: SecretDigest, expiresAt: UnixTime, of id: UInt128) {
    waitingSecrets.append((digest, expiresAt, id))
    if waitingSecrets.count == Self.batchSize { addWaitingSecrets() }
  }

  private mutating func addWaitingSecrets() {
    for secret in waitingSecrets { lookAhead(secret.key) }
    for (digest, expiresAt, key) in waitingSecrets {
      shards[key.shard(bits: KeyTable.shardBits)].add(digest, expiresAt: expiresAt, of: key)
    }
    waitingSecrets.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private mutating func lookAhead(_ key: UInt128) {
    asked &+= shards[key.shard(bits: KeyTable.shardBits)].lookAhead(key)
  }

  /// Says that a target, which is not added yet, does not count for a key.
  mutating func withhold(_ target: TargetNumber, of id: UInt128) {
    shards[id.shard(bits: KeyTable.shardBits)].withhold(target, of: id)
  }

  /// Adds some targets, each for a key; nothing where that was not added.
  mutating func add(_ targets: [(target: TargetNumber, key: UInt128)]) {
    for (_, key) in targets { lookAhead(key) }
    for (target, key) in targets { shards[key.shard(bits: KeyTable.shardBits)].add(target, of: key) }
  }

  /// Says what a key's authorization for a target comes with, before or after the target itself is added.
  mutating func add(_ terms: TargetTerms, of target: TargetNumber, _ id: UInt128) {
    shards[id.shard(bits: KeyTable.shardBits)].add(terms, of: target, id)
  }

  /// Of how many shards rows are let go of before the allocator is told: each thirty-second part of all.
  private static let part = 1 << (KeyTable.shardBits - 5)

  /// A shard's rows are let go of when it is there, so that all of them never lie in memory twice; after every part of
  /// them `returnUnused` is called, to give it back.
  mutating func build(returnUnused: () -> Void) -> KeyTable {
    addWaitingSecrets()
    let finished = shards.indices.map { shard in
      defer {
        shards[shard] = KeyShardRows(room: 0)
        if (shard + 1).isMultiple(of: Self.part) { returnUnused() }
      }
      return shards[shard].finish()
    }
    return KeyTable(shards: finished)
  }
}

/// What an authorization may come with.
struct TargetTerms: Sendable {
  static let none = TargetTerms(expiresAt: .distantFuture, limits: nil)

  let expiresAt: UnixTime
  let limits: LimitsNumber?

  var isNone: Bool { expiresAt == .distantFuture && limits == nil }
}

/// A shard's rows before they are in order.
private struct KeyShardRows: Sendable {
  private struct Key: UniformKey {
    let id: UInt128
    var expiresAt: Int64 = 0
    var tenant: UInt32 = 0
    var isActive = false

    var leading: UInt64 { id.leading }

    static func < (left: Self, right: Self) -> Bool { left.id < right.id }
    static func == (left: Self, right: Self) -> Bool { left.id == right.id }
  }

  private var keys: [Key] = []
  private var isSorted = true
  private var secrets = Belongings<SecretDigest>()
  private var secretExpiries: [SecretDigest: UnixTime] = [:]
  private var targets = Belongings<UInt32>()
  /// Of those authorizations that have any: the key's place above, the target's number below, and what.
  private var terms: [(target: UInt64, terms: TargetTerms)] = []
  /// Authorizations that do not count, named in the same way.
  private var withheld: Set<UInt64> = []

  init(room: Int) {
    keys.reserveCapacity(room)
    secrets.reserveCapacity(room)
  }

  mutating func add(_ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime) {
    let isAlone = secrets.isEmpty && targets.isEmpty && terms.isEmpty && withheld.isEmpty
    precondition(isAlone, "keys come before what belongs to them")
    keys.append(Key(id: id, expiresAt: expiresAt.microseconds, tenant: tenant, isActive: isActive))
    isSorted = false
  }

  mutating func add(_ digest: SecretDigest, expiresAt: UnixTime, of id: UInt128) {
    guard let place = place(of: id) else { return }
    secrets.append(digest, of: place)
    if expiresAt != .distantFuture { secretExpiries[digest] = expiresAt }
  }

  mutating func add(_ target: TargetNumber, of id: UInt128) {
    guard let place = place(of: id) else { return }
    if !withheld.isEmpty, withheld.contains(Self.name(target, of: place)) { return }
    targets.append(target.rawValue, of: place)
  }

  mutating func withhold(_ target: TargetNumber, of id: UInt128) {
    if let place = place(of: id) { withheld.insert(Self.name(target, of: place)) }
  }

  mutating func add(_ added: TargetTerms, of target: TargetNumber, _ id: UInt128) {
    guard let place = place(of: id) else { return }
    terms.append((Self.name(target, of: place), added))
  }

  private static func name(_ target: TargetNumber, of place: Int) -> UInt64 {
    UInt64(place) << 32 | UInt64(target.rawValue)
  }

  /// Reads what is read first when a key is looked for. What comes of it means nothing.
  @inline(__always)
  func lookAhead(_ id: UInt128) -> Int {
    guard !keys.isEmpty else { return 0 }
    return keys[id.guess(amongst: keys.count, shardBits: KeyTable.shardBits)].isActive ? 1 : 0
  }

  private mutating func place(of id: UInt128) -> Int? {
    sort()
    let place = keys.lowerBound(of: Key(id: id), shardBits: KeyTable.shardBits)
    return place < keys.count && keys[place].id == id ? place : nil
  }

  private mutating func sort() {
    guard !isSorted else { return }
    keys.sort()
    isSorted = true
  }

  mutating func finish() -> KeyShard {
    sort()
    let terms = SortedTerms(terms)
    let secretExpiries = secretExpiries
    let (secrets, secretsEnds) = secrets.sorted(keys: keys.count)
    let (targets, targetsEnds) = targets.sorted(keys: keys.count)
    var draft = KeyShardDraft(keys: keys.count, words: 4 * (keys.count + secrets.count) + targets.count)
    var (nextSecret, nextTarget) = (0, 0)
    for (place, key) in keys.enumerated() {
      draft.append(
        key.id,
        KeyShardDraft.Content(
          tenant: key.tenant, isActive: key.isActive, expiresAt: UnixTime(microseconds: key.expiresAt),
          secrets: secrets[nextSecret..<secretsEnds[place]].map { ($0, secretExpiries[$0] ?? .distantFuture) },
          targets: targets[nextTarget..<targetsEnds[place]].sorted().map { target in
            let terms = terms[UInt64(place) << 32 | UInt64(target)]
            return (TargetNumber(rawValue: target), terms.expiresAt, terms.limits)
          }))
      (nextSecret, nextTarget) = (secretsEnds[place], targetsEnds[place])
    }
    return draft.finish()
  }
}

/// What those authorizations come with that come with anything.
private struct SortedTerms {
  private let sorted: [(target: UInt64, terms: TargetTerms)]

  init(_ all: [(target: UInt64, terms: TargetTerms)]) {
    sorted = all.sorted { $0.target < $1.target }
  }

  subscript(target: UInt64) -> TargetTerms {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = low + (high - low) / 2
      if sorted[middle].target < target { low = middle + 1 } else { high = middle }
    }
    guard low < sorted.count, sorted[low].target == target else { return .none }
    return sorted[low].terms
  }
}

/// What belongs to keys, in the order it came, each with the place of its key.
private struct Belongings<Element: BitwiseCopyable & Sendable>: Sendable {
  private var places: [UInt32] = []
  private var elements: [Element] = []

  var isEmpty: Bool { elements.isEmpty }

  mutating func reserveCapacity(_ count: Int) {
    places.reserveCapacity(count)
    elements.reserveCapacity(count)
  }

  mutating func append(_ element: Element, of place: Int) {
    places.append(UInt32(place))
    elements.append(element)
  }

  /// The elements in the order of their keys, and where those of each key end.
  func sorted(keys: Int) -> ([Element], ends: [Int]) {
    var next = [Int](repeating: 0, count: keys)
    for place in places { next[Int(place)] += 1 }
    var sum = 0
    for place in 0..<keys { (next[place], sum) = (sum, sum + next[place]) }
    var sorted = elements
    for (element, place) in zip(elements, places) {
      sorted[next[Int(place)]] = element
      next[Int(place)] += 1
    }
    return (sorted, next)
  }
}
