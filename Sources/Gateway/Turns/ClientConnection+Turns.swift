import Model
import NIOCore
import Routing

/// How calls of one party are kept from taking an event loop from the others.
extension ClientConnection {
  /// Whether the call in hand goes on; else it waits for its turn, is not read behind, and is decided anew.
  @inline(__always)
  func takesTurn(_ decision: borrowing Decision) -> Bool {
    if hasTurn { return true }
    let party = decision.party(from: peer)
    hasTurn = loop.turns.take(party)
    if !hasTurn { waitForTurn(as: party) }
    return hasTurn
  }

  private func waitForTurn(as party: UInt64) {
    state = .queued
    deadline = .distantFuture
    loop.requests.countWaitForTurn()
    loop.queue(self, as: party)
  }

  func turnCame() {
    // The client may have gone meanwhile.
    guard state == .queued else { return }
    hasTurn = true
    decideAnew()
  }
}

extension Decision {
  /// Who is answered: the tenant that calls; without a key that is known, the client's address; and where that speaks for
  /// many, the tenant that is called.
  @inline(__always)
  fileprivate func party(from peer: Peer) -> UInt64 {
    switch self {
    case .forward(let route):
      if let caller = route.caller { return caller.tenantSlug.fingerprint }
      return peer.origin?.bits ?? UInt64(truncatingIfNeeded: route.target.tenant.bits)
    case .refuse(_, let target, _):
      return peer.origin?.bits ?? target.map { UInt64(truncatingIfNeeded: $0.tenant.bits) } ?? 0
    case .preflight: return peer.origin?.bits ?? 0
    }
  }
}

extension SlugBytes {
  /// FNV-1a of its letters.
  @inline(__always)
  fileprivate var fingerprint: UInt64 {
    withBytes { slug in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for index in 0..<slug.count { hash = (hash ^ UInt64(slug[index])) &* 0x100_0000_01b3 }
      return hash
    }
  }
}
