import Foundation
import HTTPTypes
package import Hummingbird
package import NIOCore

/// Where a request came from.
package struct ClientAddress: Sendable {
  /// Whether what a peer says of who it asks for is believed.
  package let trusts: @Sendable (SocketAddress) -> Bool

  package init(trusts: @escaping @Sendable (SocketAddress) -> Bool) {
    self.trusts = trusts
  }

  /// The peer's address; where a trusted proxy is the peer, the last one of `X-Forwarded-For` that no trusted proxy has.
  ///
  /// - Returns: nil for a peer without an address, as on a Unix socket.
  package func of(_ request: Request, from peer: SocketAddress?) -> String? {
    guard var address = peer, var text = address.ipAddress else { return nil }
    let hops = request.headers[values: .xForwardedFor].joined(separator: ",").split(separator: ",")
    for hop in hops.reversed() {
      let hop = hop.trimmingCharacters(in: .whitespaces)
      guard trusts(address), let next = try? SocketAddress(ipAddress: hop, port: 0) else { break }
      (address, text) = (next, next.ipAddress ?? text)
    }
    return text
  }
}

extension HTTPField.Name {
  fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
}
