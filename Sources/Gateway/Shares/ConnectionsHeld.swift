import NIOCore

/// Clients' connections that are open on the node, and how many one address and one caller may have of them.
///
/// Every connection counts for its address, from its first moment to its last, and for the caller of its latest call. Those
/// of a proxy that is trusted are nobody's. Beyond what may be, as many again are told so, which do not count among the others
/// while they end; any more are closed unasked, so that their memory has a bound.
struct ConnectionsHeld: Sendable {
  /// What one connection is counted in.
  struct Places: Sendable {
    fileprivate var address: UInt64?
    fileprivate var caller: Party?
  }

  private let counts: Occupancy
  private let perAddress, perCaller: Occupancy.Bound

  init(_ configuration: Configuration) {
    let loops = configuration.eventLoopCount
    counts = Occupancy(loops: loops)
    perCaller = Occupancy.Bound(configuration.connectionsPerCaller, loops: loops)
    perAddress = Occupancy.Bound(configuration.largestPart(of: configuration.connectionsPerCaller), loops: loops)
  }

  /// What becomes of a connection that was just opened.
  enum Welcome { case kept, surplus, unwanted }

  /// Counts a connection from `origin`.
  func open(_ places: inout Places, from origin: Peer.Origin, on loop: Int) -> Welcome {
    let bits = Party(origin).bits
    for (key, welcome) in [(bits &* 3, Welcome.kept), (bits &* 7, .surplus)]
    where !counts.isFull(key, perAddress, on: loop) {
      counts.add(key, on: loop)
      places.address = key
      return welcome
    }
    return .unwanted
  }

  /// Counts the connection for `party` from now on, if that is a caller, and for nobody else.
  /// - Returns: False where that caller has as many as it may; then it counts for no caller.
  @inline(__always)
  func isUsed(_ places: inout Places, by party: Party, on loop: Int) -> Bool {
    places.caller == (party.isCaller ? party : nil) || changeCaller(&places, to: party, loop)
  }

  private func changeCaller(_ places: inout Places, to party: Party, _ loop: Int) -> Bool {
    leaveCaller(&places, loop)
    guard party.isCaller else { return true }
    if counts.isFull(party.bits &* 5, perCaller, on: loop) { return false }
    counts.add(party.bits &* 5, on: loop)
    places.caller = party
    return true
  }

  /// The connection is closed.
  func close(_ places: inout Places, on loop: Int) {
    leaveCaller(&places, loop)
    if let address = places.address { counts.remove(address, on: loop) }
    places.address = nil
  }

  private func leaveCaller(_ places: inout Places, _ loop: Int) {
    guard let caller = places.caller else { return }
    counts.remove(caller.bits &* 5, on: loop)
    places.caller = nil
  }
}
