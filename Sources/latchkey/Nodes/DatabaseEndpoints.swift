import Foundation
import Gateway
import NIOPosix
import Postgres

/// Where a database listens, so that no backend is ever reached there.
enum DatabaseEndpoints {
  /// The addresses of a connection string's hosts; none for sockets in the file system, and none for a name that can't
  /// be resolved now.
  static func resolve(_ configuration: PostgresConfiguration) async throws -> [BackendNetworks.Endpoint] {
    let hosts = list(configuration.hostAddress ?? configuration.host)
    let ports = list(configuration.port)
    return try await NIOThreadPool.singleton.runIfActive {
      hosts.enumerated().flatMap { index, host -> [BackendNetworks.Endpoint] in
        let port = Int(ports.count > 1 && index < ports.count ? ports[index] : ports.first ?? "") ?? 5432
        return addresses(of: host).map { BackendNetworks.Endpoint(address: $0, port: port) }
      }
    }
  }

  /// Every address of a host, be it a name or an address itself.
  private static func addresses(of host: String) -> [IPAddress] {
    guard !host.isEmpty, !host.hasPrefix("/"), !host.hasPrefix("@") else { return [] }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    return sequence(first: first) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { entry in
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard let entry = entry?.pointee,
        getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { return nil }
      return IPAddress(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
  }

  /// The parts of a list by comma, empty ones too: libpq pairs hosts and ports by their places.
  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
