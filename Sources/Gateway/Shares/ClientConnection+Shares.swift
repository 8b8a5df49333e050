import Model
import NIOCore
import Routing

/// How calls and connections are kept from using up what others need: those beyond what their caller, their address or
/// their group may have are 429.
extension ClientConnection {
  /// Whether the call in hand may go on beside those that are under way; else it is answered. A call that waited and is
  /// decided anew takes its places anew.
  func takesShare(of route: Route) -> Bool {
    leaveShares()
    guard ownsPlace(of: party) else { return refuse(.connectionsExceeded, .connections, route) }
    // What is answered here is over at once.
    guard case .http = route.target.backend else { return true }
    let places = loop.shared.callsUnderWay.places(of: party, from: peer.origin, at: route.target)
    if let share = loop.shared.callsUnderWay.full(places, on: loop.number) {
      return refuse(.concurrencyExceeded, share, route)
    }
    loop.shared.callsUnderWay.add(places, on: loop.number)
    underWay = places
    return true
  }

  /// The call in hand is over, or looked at once more.
  @inline(__always)
  func leaveShares() {
    guard !underWay.isEmpty else { return }
    loop.shared.callsUnderWay.remove(underWay, on: loop.number)
    underWay = CallsUnderWay.Places()
  }

  private func refuse(_ problem: GatewayProblem, _ share: RequestTally.Share, _ route: Route) -> Bool {
    loop.requests.countBeyond(share)
    meter(route, as: .refused(share == .connections ? .connectionsExceeded : .concurrencyExceeded))
    answer(LocalAnswer(problem))
    return false
  }
}

// MARK: Connections

extension ClientConnection {
  /// The connection is open.
  func holdPlace() {
    guard role == .gateway, let origin = peer.origin else { return }
    switch loop.shared.connectionsHeld.open(&held, from: origin, on: loop.number) {
    case .kept: break
    case .surplus:
      isSurplus = true
      deadline = loop.now + loop.shared.waits.linger
    case .unwanted: context?.close(promise: nil)
    }
  }

  /// Whether the connection's caller may have it.
  @inline(__always)
  private func ownsPlace(of party: Party) -> Bool {
    if isSurplus { return false }
    guard peer.origin != nil else { return true }
    isSurplus = !loop.shared.connectionsHeld.isUsed(&held, by: party, on: loop.number)
    return !isSurplus
  }

  /// The connection is closed.
  func giveUpPlace() { loop.shared.connectionsHeld.close(&held, on: loop.number) }

  /// Who holds connections to backends for the call in hand; nil for a proxy that is trusted, which may hold all.
  var holder: Holder? { peer.origin.map { Holder(party: party, origin: $0) } }
}
