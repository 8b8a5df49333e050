/// On whose behalf connections are used, where one may not have them all: a tenant, say.
package struct PoolParty: Hashable, Sendable {
  private let name: String

  package init(_ name: String) { self.name = name }
}

/// Who waits for a connection of a pool, in order, and who has how many.
///
/// A party has a share at most, so that whatever one has the database do, or wait for, the rest of the connections are the
/// others'. Who has its share is passed over until it gives one back.
struct PoolQueue {
  private struct Waiter {
    let id: WaiterID
    let party: PoolParty?
  }

  private let share: Int
  private var waiters: [Waiter] = []
  private var users: [ConnectionID: PoolParty] = [:]

  /// Of a few connections one, and of many a quarter, is never all one party's.
  init(connections: Int) { share = max(1, connections - max(1, connections / 4)) }

  var count: Int { waiters.count }
  var ids: [WaiterID] { waiters.map(\.id) }

  /// How many of those that wait could be given a connection now.
  var servable: Int {
    var counts = Dictionary(grouping: users.values, by: \.self).mapValues(\.count)
    return waiters.count { waiter in
      guard let party = waiter.party else { return true }
      guard counts[party, default: 0] < share else { return false }
      counts[party, default: 0] += 1
      return true
    }
  }

  func mayHaveOneMore(_ party: PoolParty?) -> Bool {
    party == nil || users.values.count { $0 == party } < share
  }

  mutating func append(_ id: WaiterID, for party: PoolParty?) { waiters.append(Waiter(id: id, party: party)) }

  mutating func remove(_ id: WaiterID) -> Bool {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
    waiters.remove(at: index)
    return true
  }

  mutating func removeAll() { waiters = [] }

  /// Takes out who is the first to have a connection, and lets it have this one.
  mutating func lend(_ connection: ConnectionID) -> WaiterID? {
    guard let index = waiters.firstIndex(where: { mayHaveOneMore($0.party) }) else { return nil }
    let waiter = waiters.remove(at: index)
    lend(connection, to: waiter.party)
    return waiter.id
  }

  mutating func lend(_ connection: ConnectionID, to party: PoolParty?) { users[connection] = party }

  /// A connection is not used any more.
  mutating func returned(_ connection: ConnectionID) { users[connection] = nil }
}
