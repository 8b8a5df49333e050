import Model
import Routing

/// The calls that are under way on the node, and how many one caller and one group may have of them.
///
/// A caller is the tenant of the key; of what it may have, the clients of one address may have a part, and so whoever calls
/// from there without a key that is known. A group is one in an environment; of what it may have, one caller may have a part.
/// Two event loops that count at the same moment can be one above what may be.
struct CallsUnderWay: Sendable {
  /// What one call is counted in: keys of ``Occupancy``, 0 where it is not.
  struct Places: Sendable {
    fileprivate var caller: UInt64 = 0
    fileprivate var client: UInt64 = 0
    fileprivate var group: UInt64 = 0
    fileprivate var callerInGroup: UInt64 = 0

    var isEmpty: Bool { group == 0 }

    @inline(__always)
    fileprivate func forEach(_ body: (UInt64) -> Void) {
      body(group)
      if caller != 0 { body(caller) }
      if client != 0 { body(client) }
      if callerInGroup != 0 { body(callerInGroup) }
    }
  }

  private let counts: Occupancy
  private let perCaller, perClient, perGroup, perCallerInGroup: Occupancy.Bound
  /// Whether a caller may have more than its part of a group: else nobody needs to count it.
  private let countsCallersInGroups: Bool

  init(_ configuration: Configuration) {
    let loops = configuration.eventLoopCount
    counts = Occupancy(loops: loops)
    func bound(_ limit: Int) -> Occupancy.Bound { Occupancy.Bound(limit, loops: loops) }
    perCaller = bound(configuration.concurrencyPerCaller)
    perClient = bound(configuration.largestPart(of: configuration.concurrencyPerCaller))
    perGroup = bound(configuration.concurrencyPerGroup)
    perCallerInGroup = bound(configuration.largestPart(of: configuration.concurrencyPerGroup))
    countsCallersInGroups = configuration.concurrencyPerCaller > perCallerInGroup.limit
  }

  /// Where a call of `party` counts that comes from `origin`.
  @inline(__always)
  func places(of party: Party, from origin: Peer.Origin?, at target: borrowing Target) -> Places {
    var places = Places()
    places.group = Self.key(.group, UInt64(truncatingIfNeeded: target.group.bits) ^ target.environment.countedBits)
    if party.isCaller { places.caller = Self.key(.caller, party.bits) }
    if let origin { places.client = Self.key(.client, party.bits &* 3 ^ origin.bits) }
    if countsCallersInGroups, party.isCaller || origin != nil {
      places.callerInGroup = Self.key(.callerInGroup, party.bits &* 3 ^ places.group)
    }
    return places
  }

  /// Whose share it is that leaves no room for one more call; nil where there is room.
  @inline(__always)
  func full(_ places: Places, on loop: Int) -> RequestTally.Share? {
    if isFull(places.client, perClient, loop) || isFull(places.caller, perCaller, loop)
      || isFull(places.callerInGroup, perCallerInGroup, loop)
    {
      return .caller
    }
    return isFull(places.group, perGroup, loop) ? .group : nil
  }

  @inline(__always)
  func add(_ places: borrowing Places, on loop: Int) {
    places.forEach { counts.add($0, on: loop) }
  }

  /// Takes a call back that was added on the same loop.
  @inline(__always)
  func remove(_ places: borrowing Places, on loop: Int) {
    places.forEach { counts.remove($0, on: loop) }
  }

  @inline(__always)
  private func isFull(_ key: UInt64, _ bound: Occupancy.Bound, _ loop: Int) -> Bool {
    key != 0 && counts.isFull(key, bound, on: loop)
  }

  private enum Kind: UInt64 { case caller = 1, client, group, callerInGroup }

  /// Kinds are counted side by side.
  @inline(__always)
  private static func key(_ kind: Kind, _ bits: UInt64) -> UInt64 {
    let key = bits &* 0xFF51_AFD7_ED55_8CCD ^ kind.rawValue &* 0xC4CE_B9FE_1A85_EC53
    return key == 0 ? 1 : key
  }
}

extension DeploymentEnvironment {
  @inline(__always)
  fileprivate var countedBits: UInt64 {
    switch self {
    case .test: 1
    case .preview: 2
    case .online: 3
    }
  }
}
