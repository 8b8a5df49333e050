import Model

/// Puts a ``KeyTable`` together from rows in any order: first all keys, then their secrets and targets.
///
/// Each of millions of these looks for a key somewhere in hundreds of megabytes, and would wait for the memory. So they are
/// added some at a time, and what they look for is asked for before the first is added: the memory brings many things at
/// once as long as none of them says where the next one is.
struct KeyTableBuilder: Sendable {
  /// Few enough that the ends of all their arrays stay near the processor.
  fileprivate static let partBits = 8
  /// How many secrets or targets are added at a time.
  private static let waitingCount = 64

  private var parts: [KeyPartRows]
  private var secrets: [(digest: SecretDigest, expiresAt: UnixTime, key: UInt128)] = []
  private var targets: [(target: TargetNumber, key: UInt128)] = []
  /// So that asking has an outcome.
  private var asked = 0

  /// - Parameter expectedKeys: About how many there will be; arrays of that size are then made once.
  init(expectedKeys: Int) {
    let count = 1 << Self.partBits
    let mean = expectedKeys / count
    // Random ids put more than this into few parts: the mean and four standard deviations.
    let room = mean == 0 ? 0 : mean + 4 * Int(Double(mean).squareRoot())
    parts = (0..<count).map { _ in KeyPartRows(room: room) }
    secrets.reserveCapacity(Self.waitingCount)
    targets.reserveCapacity(Self.waitingCount)
  }

  mutating func addKey(_ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime) {
    parts[Self.part(of: id)].add(id, tenant: tenant, isActive: isActive, expiresAt: expiresAt)
  }

  /// Adds a secret; nothing when its key was not added.
  mutating func addSecret(_ digest: SecretDigest, expiresAt: UnixTime, of id: UInt128) {
    secrets.append((digest, expiresAt, id))
    if secrets.count == Self.waitingCount { addSecrets() }
  }

  private mutating func addSecrets() {
    for secret in secrets { asked &+= parts[Self.part(of: secret.key)].lookAhead(secret.key) }
    for (digest, expiresAt, key) in secrets { parts[Self.part(of: key)].add(digest, expiresAt: expiresAt, of: key) }
    secrets.removeAll(keepingCapacity: true)
  }

  /// Adds a target; nothing when its key was not added.
  mutating func addTarget(_ target: TargetNumber, of id: UInt128) {
    targets.append((target, id))
    if targets.count == Self.waitingCount { addTargets() }
  }

  private mutating func addTargets() {
    for (_, key) in targets { asked &+= parts[Self.part(of: key)].lookAhead(key) }
    for (target, key) in targets { parts[Self.part(of: key)].add(target, of: key) }
    targets.removeAll(keepingCapacity: true)
  }

  /// Says that a target, which is not added yet, does not count for a key.
  mutating func withhold(_ target: TargetNumber, of id: UInt128) {
    parts[Self.part(of: id)].withhold(target, of: id)
  }

  /// Says what a key's authorization for a target comes with, before or after the target itself is added.
  mutating func add(_ terms: TargetTerms, of target: TargetNumber, _ id: UInt128) {
    parts[Self.part(of: id)].add(terms, of: target, id)
  }

  @inline(__always)
  private static func part(of key: UInt128) -> Int { key.shard(bits: partBits) }

  /// A part's rows are let go of when its shards are there, so that all of them never lie in memory twice; after every
  /// thirty-second of them `returnUnused` is called, to give it back.
  mutating func build(returnUnused: () -> Void) -> KeyTable {
    addSecrets()
    addTargets()
    var shards: [KeyShard] = []
    shards.reserveCapacity(1 << KeyTable.shardBits)
    for part in parts.indices {
      shards += parts[part].finish()
      parts[part] = KeyPartRows(room: 0)
      if (part + 1).isMultiple(of: parts.count / 32) { returnUnused() }
    }
    return KeyTable(shards: shards)
  }
}

/// What an authorization may come with.
struct TargetTerms: Sendable {
  static let none = TargetTerms(expiresAt: .distantFuture, limits: nil)

  let expiresAt: UnixTime
  let limits: LimitsNumber?

  var isNone: Bool { expiresAt == .distantFuture && limits == nil }
}

/// The rows of some neighbouring shards before they are in order.
private struct KeyPartRows: Sendable {
  private struct Key {
    let id: UInt128
    let expiresAt: Int64
    let tenant: UInt32
    let isActive: Bool
  }

  private static let shardCount = 1 << (KeyTable.shardBits - KeyTableBuilder.partBits)

  private var keys: [Key] = []
  /// Theirs once they are in order, for looking them up: nearer to each other than the keys are.
  private var ids: [UInt128] = []
  /// Where those of each shard begin, and, last, how many there are; empty while they are in no order.
  private var starts: [Int] = []
  private var secrets = Belongings<SecretDigest>()
  private var secretExpiries: [SecretDigest: UnixTime] = [:]
  private var targets = Belongings<UInt32>()
  /// Of those authorizations that have any: the key's place above, the target's number below, and what.
  private var terms: [(target: UInt64, terms: TargetTerms)] = []
  /// Authorizations that do not count, named in the same way.
  private var withheld: Set<UInt64> = []
  /// The key that was looked for last, and where it is: what belongs to one often comes together.
  private var last: (id: UInt128, place: Int?)?

  init(room: Int) {
    keys.reserveCapacity(room)
    secrets.reserveCapacity(room)
  }

  mutating func add(_ id: UInt128, tenant: UInt32, isActive: Bool, expiresAt: UnixTime) {
    let isAlone = secrets.isEmpty && targets.isEmpty && terms.isEmpty && withheld.isEmpty
    precondition(isAlone, "keys come before what belongs to them")
    keys.append(Key(id: id, expiresAt: expiresAt.microseconds, tenant: tenant, isActive: isActive))
    starts = []
    last = nil
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
  mutating func lookAhead(_ id: UInt128) -> Int {
    let range = shard(of: id)
    guard !range.isEmpty else { return 0 }
    return Int(
      truncatingIfNeeded: ids[range.lowerBound + id.guess(amongst: range.count, shardBits: KeyTable.shardBits)])
  }

  private mutating func place(of id: UInt128) -> Int? {
    if let last, last.id == id { return last.place }
    let range = shard(of: id)
    let place =
      range.lowerBound
      + id.lowerBound(amongst: range.count, shardBits: KeyTable.shardBits) { ids[range.lowerBound + $0] }
    let found = place < range.upperBound && ids[place] == id ? place : nil
    last = (id, found)
    return found
  }

  /// Where the keys are of the shard that `id` belongs to.
  @inline(__always)
  private mutating func shard(of id: UInt128) -> Range<Int> {
    sort()
    let shard = id.shard(bits: KeyTable.shardBits) % Self.shardCount
    return starts[shard]..<starts[shard + 1]
  }

  private mutating func sort() {
    guard starts.isEmpty else { return }
    keys.sort { $0.id < $1.id }
    ids = keys.map(\.id)
    starts = [Int](repeating: 0, count: Self.shardCount + 1)
    for id in ids { starts[id.shard(bits: KeyTable.shardBits) % Self.shardCount + 1] += 1 }
    for shard in 0..<Self.shardCount { starts[shard + 1] += starts[shard] }
  }

  mutating func finish() -> [KeyShard] {
    sort()
    let terms = SortedTerms(terms)
    let (secrets, secretsEnds) = secrets.sorted(keys: keys.count)
    let (targets, targetsEnds) = targets.sorted(keys: keys.count) { $0.sort() }
    let isPlain = terms.isEmpty && secretExpiries.isEmpty
    var (nextSecret, nextTarget) = (0, 0)
    return zip(starts, starts.dropFirst()).map { start, end in
      let counts = (
        secrets: end == start ? 0 : secretsEnds[end - 1] - nextSecret,
        targets: end == start ? 0 : targetsEnds[end - 1] - nextTarget
      )
      var draft = KeyShardDraft(keys: end - start, words: 4 * (end - start + counts.secrets) + counts.targets)
      for place in start..<end {
        let key = keys[place]
        let (ownSecrets, ownTargets) = (nextSecret..<secretsEnds[place], nextTarget..<targetsEnds[place])
        (nextSecret, nextTarget) = (ownSecrets.upperBound, ownTargets.upperBound)
        if isPlain {
          draft.append(
            key.id, tenant: key.tenant, isActive: key.isActive, expiresAt: UnixTime(microseconds: key.expiresAt),
            secrets: secrets.span.extracting(ownSecrets), targets: targets.span.extracting(ownTargets))
        } else {
          draft.append(
            key.id,
            KeyShardDraft.Content(
              tenant: key.tenant, isActive: key.isActive, expiresAt: UnixTime(microseconds: key.expiresAt),
              secrets: secrets[ownSecrets].map { ($0, secretExpiries[$0] ?? .distantFuture) },
              targets: targets[ownTargets].map { target in
                let terms = terms[UInt64(place) << 32 | UInt64(target)]
                return (TargetNumber(rawValue: target), terms.expiresAt, terms.limits)
              }))
        }
      }
      return draft.finish()
    }
  }
}

/// What those authorizations come with that come with anything.
private struct SortedTerms {
  private let sorted: [(target: UInt64, terms: TargetTerms)]

  init(_ all: [(target: UInt64, terms: TargetTerms)]) {
    sorted = all.sorted { $0.target < $1.target }
  }

  var isEmpty: Bool { sorted.isEmpty }

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

  /// The elements in the order of their keys, those of each key as `order` puts them, and where they end.
  func sorted(
    keys: Int, order: (inout UnsafeMutableBufferPointer<Element>) -> Void = { _ in }
  ) -> ([Element], ends: [Int]) {
    var next = [Int](repeating: 0, count: keys)
    for place in places { next[Int(place)] += 1 }
    var sum = 0
    for place in 0..<keys { (next[place], sum) = (sum, sum + next[place]) }
    var sorted = elements
    sorted.withUnsafeMutableBufferPointer { sorted in
      for (element, place) in zip(elements, places) {
        sorted[next[Int(place)]] = element
        next[Int(place)] += 1
      }
      var start = 0
      for end in next {
        var own = UnsafeMutableBufferPointer(rebasing: sorted[start..<end])
        if own.count > 1 { order(&own) }
        start = end
      }
    }
    return (sorted, next)
  }
}
