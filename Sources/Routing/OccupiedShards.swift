/// Which shards of a table have anything.
///
/// A look-up for what is nowhere goes to one of them where its own is empty: it then costs what any other does, and does
/// not tell a stranger by its time that there is nothing.
struct OccupiedShards: Sendable {
  /// In no order.
  private var indices: [UInt16]

  /// - Parameter isEmpty: whether each of the shards is, 65,536 at the most.
  init(_ isEmpty: some Sequence<Bool>) {
    indices = isEmpty.enumerated().compactMap { $0.element ? nil : UInt16($0.offset) }
  }

  /// One that stands in for an empty shard, always the same for the same key as long as no shard is filled or emptied;
  /// nil where all are empty.
  func standIn(for leading: UInt64) -> Int? {
    guard !indices.isEmpty else { return nil }
    return Int(indices[Int(leading.multipliedFullWidth(by: UInt64(indices.count)).high)])
  }

  /// To be told when a shard was filled or emptied.
  mutating func set(_ shard: Int, isEmpty: Bool) {
    let place = indices.firstIndex(of: UInt16(shard))
    switch (place, isEmpty) {
    case (let place?, true): indices.swapAt(place, indices.count - 1); indices.removeLast()
    case (nil, false): indices.append(UInt16(shard))
    default: break
    }
  }
}
