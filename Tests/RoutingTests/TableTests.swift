import Model
import Testing

@testable import Routing

struct TableTests {
  @Test(arguments: [0, 1, 2, 7, 8, 9, 100, 1000], [true, false])
  func lowerBoundIsWhereTheKeyWouldGo(count: Int, isSpread: Bool) {
    var source = SeededSource(seed: UInt64(count))
    // All in shard 3 of 16; spread over it, or crowded at its beginning.
    let base: UInt64 = 3 << 60
    let range = base...(base + (isSpread ? (1 << 60) - 1 : 2000))
    let keys = (0..<count).map { _ in UInt64.random(in: range, using: &source) }.sorted()
    for _ in 0..<500 {
      let key = keys.randomElement(using: &source).map { $0 &+ UInt64.random(in: 0...2, using: &source) &- 1 } ?? base
      guard range.contains(key) else { continue }
      #expect(keys.lowerBound(of: key, shardBits: 4) == keys.firstIndex { $0 >= key } ?? keys.count)
    }
  }

  @Test(arguments: 0..<10)
  func aShardedTableIsAMultimap(seed: UInt64) {
    var source = SeededSource(seed: seed)
    var table = ShardedTable<UInt64, Int>(shardBits: 2)
    var model: [UInt64: Set<Int>] = [:]
    for step in 0..<200 {
      let before = table
      let key = UInt64.random(in: 0..<8, using: &source) << 61
      let removed = Bool.random(using: &source) ? model[key]?.randomElement(using: &source) : nil
      if let removed { model[key]?.remove(removed) }
      model[key, default: []].insert(step)
      table.apply([.init(key: key, removed: removed, added: step)])
      #expect(before.first(key) { $0 == step } == nil, "a copy in use never changes")
      for (key, values) in model {
        for value in values { #expect(table.first(key) { $0 == value } == value) }
        #expect(table.first(key) { !values.contains($0) } == nil)
      }
    }
  }

  @Test(arguments: 0..<10)
  func keysAreFoundByWhatTheyHaveNow(seed: UInt64) {
    var source = SeededSource(seed: seed)
    var table = KeyTable()
    var model: [UInt128: KeyShardDraft.Content] = [:]
    var former: [SecretDigest] = []
    let ids = (0..<12).map { UInt128($0 % 3) << 120 | UInt128($0) }
    for _ in 0..<100 {
      let edits = (0..<Int.random(in: 1...4, using: &source)).map { _ in
        KeyTable.Edit(id: ids.randomElement(using: &source)!, content: Self.content(&source))
      }
      for edit in edits {
        former += model[edit.id]?.secrets.map(\.digest) ?? []
        model[edit.id] = edit.content
      }
      table.apply(edits)
      Self.expect(table, toBe: model, not: former)
    }
  }

  private static func content(_ source: inout SeededSource) -> KeyShardDraft.Content? {
    guard Int.random(in: 0..<4, using: &source) > 0 else { return nil }
    let numbers = Set(
      (0..<Int.random(in: 0...6, using: &source)).map { _ in UInt32.random(in: 0..<40, using: &source) })
    return KeyShardDraft.Content(
      tenant: UInt32.random(in: 0..<9, using: &source), isActive: Bool.random(using: &source),
      expiresAt: Bool.random(using: &source)
        ? UnixTime(microseconds: Int64.random(in: 0..<9, using: &source)) : .distantFuture,
      secrets: (0..<Int.random(in: 0...2, using: &source)).map { number in
        (digest(&source), Bool.random(using: &source) ? UnixTime(microseconds: Int64(number) * 5) : .distantFuture)
      },
      targets: numbers.sorted().map { number in
        let expires = Bool.random(using: &source)
        return (
          TargetNumber(rawValue: number), expires ? UnixTime(microseconds: Int64(number) * 7) : .distantFuture,
          Bool.random(using: &source) ? LimitsNumber(rawValue: number * 3) : nil
        )
      })
  }

  private static func digest(_ source: inout SeededSource) -> SecretDigest {
    // Few first halves, so that many secrets share a place in the index.
    SecretDigest(
      high: UInt128(UInt64.random(in: 0..<3, using: &source)) << 126 | UInt128(source.next()),
      low: UInt128(source.next()))
  }

  private static func expect(
    _ table: KeyTable, toBe model: [UInt128: KeyShardDraft.Content], not former: [SecretDigest]
  ) {
    let live = Set(model.values.flatMap(\.secrets).map(\.digest))
    for digest in former where !live.contains(digest) { #expect(table.nearest(digest)?.secret == nil) }
    for (id, content) in model {
      for secret in content.secrets {
        let found = table.nearest(secret.digest)
        #expect(found?.key.id == id)
        #expect(found.map { $0.key.expiry(ofSecret: $0.secret ?? .max) } == secret.expiresAt)
        #expect(found?.key.tenant == content.tenant)
        #expect(found?.key.isActive == content.isActive)
        #expect(found?.key.expiresAt == content.expiresAt)
        for number in UInt32(0)..<40 {
          let expected = content.targets.first { $0.number.rawValue == number }
          let index = found?.key.index(of: TargetNumber(rawValue: number))
          #expect((index == nil) == (expected == nil))
          #expect(index.flatMap { found?.key.expiry(ofTarget: $0) } == expected?.expiresAt)
          #expect(index.flatMap { found?.key.limits(ofTarget: $0) } == expected?.limits)
        }
      }
    }
  }

  /// Were there no look at a key, time would tell that there is none: also where nearly all shards are empty.
  @Test(arguments: [1, 2, 40, 5000])
  func anUnknownSecretCostsALookAtOneKey(keys: Int) {
    var source = SeededSource(seed: UInt64(keys))
    func random() -> UInt128 { UInt128(source.next()) << 64 | UInt128(source.next()) }
    var table = KeyTable()
    #expect(table.nearest(SecretDigest(high: random(), low: random())) == nil)
    let edits = (0..<keys).map { _ in
      let digest = SecretDigest(high: random(), low: random())
      return KeyTable.Edit(
        id: random(),
        content: KeyShardDraft.Content(
          tenant: 0, isActive: true, expiresAt: .distantFuture, secrets: [(digest, .distantFuture)], targets: []))
    }
    table.apply(edits)
    for _ in 0..<1000 {
      let near = table.nearest(SecretDigest(high: random(), low: random()))
      #expect(near != nil && near?.secret == nil)
    }
    table.apply(edits.dropFirst().map { KeyTable.Edit(id: $0.id, content: nil) })
    #expect(table.nearest(SecretDigest(high: random(), low: random()))?.key.id == edits[0].id)
  }

  @Test(arguments: 0..<5)
  func aSearchHandsOverAsMuchForAKeyThatIsNotThere(seed: UInt64) {
    var source = SeededSource(seed: seed)
    var table = ShardedTable<UInt64, Int>(shardBits: 4)
    var handed = 0
    func search(_ key: UInt64) -> Int {
      handed = 0
      table.search(key) { _ in
        handed += 1
        return false
      }
      return handed
    }
    #expect(search(7) == 0)
    let keys = (0..<Int.random(in: 1...20, using: &source)).map { _ in source.next() }
    table.apply(keys.enumerated().map { .init(key: $0.element, added: $0.offset) })
    for key in keys { #expect(search(key) == 1) }
    for _ in 0..<200 { #expect(search(source.next()) == 1) }
    table.apply(keys.enumerated().map { .init(key: $0.element, removed: $0.offset) })
    #expect(search(keys[0]) == 0)
  }

  @Test func tenantsKeepTheirNumbers() {
    var table = TenantTable()
    let ids = (0..<300).map { _ in ID<Tenant>.random() }
    let numbers = ids.map { table.numbering($0) }
    #expect(Set(numbers).count == 300)
    #expect(numbers.allSatisfy { !table[$0].isActive })
    for (index, id) in ids.enumerated() {
      table.set(PublishedTenant(id: id, slug: Slug("t\(index)")!, isActive: index % 2 == 0))
    }
    table.shut(ids[0])
    for (index, number) in numbers.enumerated() {
      #expect(table[number].slug.description == "t\(index)")
      #expect(table[number].isActive == (index % 2 == 0 && index > 0))
    }
    #expect(ids.map { table.numbering($0) } == numbers)
  }
}
