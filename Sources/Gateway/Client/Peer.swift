import NIOCore

/// Who is at the other end of a client's connection.
struct Peer: Sendable {
  /// The address as text, as `X-Forwarded-For` has it.
  let address: [UInt8]
  /// What it says about the client before it is believed.
  let isTrusted: Bool
  let isLoopback: Bool

  init(_ socket: SocketAddress?, trustedProxies: [AddressRange]) {
    let ip = socket.flatMap { IPAddress($0) }
    address = Array((socket?.ipAddress ?? "unknown").utf8)
    isTrusted = socket.map { trustedProxies.contains($0) } ?? false
    isLoopback = ip?.effective.isLoopback ?? false
  }
}
