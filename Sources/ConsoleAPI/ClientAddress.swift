import Foundation
package import HTTPTypes
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

  /// Whether the browser came by TLS, as a trusted proxy says.
  package func isSecure(_ request: Request, from peer: SocketAddress?) -> Bool {
    forwarded(.xForwardedProto, of: request, from: peer) == "https"
  }

  /// What a trusted proxy says of a request in this field.
  package func forwarded(_ name: HTTPField.Name, of request: Request, from peer: SocketAddress?) -> String? {
    guard let peer, trusts(peer) else { return nil }
    return request.headers[name]
  }
}

extension HTTPField.Name {
  fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
  fileprivate static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
}
