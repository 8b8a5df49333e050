import Model
import NIOCore
import Routing

/// Whose calls count together wherever something of the node's is shared out.
struct Party: Hashable, Sendable {
  /// What tells it from others. Nobody chooses those of tenants.
  let bits: UInt64
  /// Whether it is the tenant of a key that is known.
  let isCaller: Bool

  static let nobody = Party(bits: 0, isCaller: false)

  /// A tenant that calls.
  init(_ caller: borrowing Caller) { self.init(bits: 1 << 63 | UInt64(caller.tenantNumber), isCaller: true) }

  /// Whoever calls from an address without a key that is known.
  init(_ origin: Peer.Origin) { self.init(bits: origin.bits, isCaller: false) }

  /// A tenant that is called, by whoever.
  init(called tenant: ID<Tenant>) { self.init(bits: UInt64(truncatingIfNeeded: tenant.bits), isCaller: false) }

  private init(bits: UInt64, isCaller: Bool) { (self.bits, self.isCaller) = (bits, isCaller) }
}

extension Decision {
  /// Who is answered: the tenant that calls; without a key that is known, the client's address; and where that speaks for
  /// many, the tenant that is called.
  @inline(__always)
  func party(from peer: Peer) -> Party {
    switch self {
    case .forward(let route):
      if let caller = route.caller { return Party(caller) }
      return peer.origin.map { Party($0) } ?? Party(called: route.target.tenant)
    case .refuse(_, let target, _):
      return peer.origin.map { Party($0) } ?? target.map { Party(called: $0.tenant) } ?? .nobody
    case .preflight: return peer.origin.map { Party($0) } ?? .nobody
    }
  }
}
