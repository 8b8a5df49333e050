import NIOCore

/// Who is at the other end of a client's connection.
struct Peer: Sendable {
  /// The address as text, as `X-Forwarded-For` has it.
  let address: [UInt8]
  /// What it says about the client before it is believed.
  let isTrusted: Bool
  let isLoopback: Bool
  /// Where it comes from, as connections are shared out; nil for a proxy that is trusted, which speaks for many.
  let origin: Origin?

  /// An address, or what one site has of them: 64 bits of IPv6 (RFC 6177).
  struct Origin: Hashable, Sendable {
    let bits: UInt64
    let isV6: Bool

    init(_ address: IPAddress) {
      switch address.effective {
      case .v4(let bits): (self.bits, isV6) = (UInt64(bits), false)
      case .v6(let high, _): (bits, isV6) = (high, true)
      }
    }
  }

  init(_ socket: SocketAddress?, trustedProxies: [AddressRange]) {
    let ip = socket.flatMap { IPAddress($0) }
    address = Array((socket?.ipAddress ?? "unknown").utf8)
    isTrusted = socket.map { trustedProxies.contains($0) } ?? false
    origin = isTrusted ? nil : ip.map { Origin($0) }
    isLoopback = ip?.effective.isLoopback ?? false
  }
}
