import Gateway
import NIOCore
import NIOPosix
import Postgres

/// Where a database listens, so that no backend is ever reached there.
enum DatabaseEndpoints {
  /// The addresses of a connection string's hosts; none for sockets in the file system, and none for a name that can't
  /// be resolved now.
  static func resolve(_ configuration: PostgresConfiguration) async throws -> [BackendNetworks.Endpoint] {
    let hosts = list(configuration.host).filter { !$0.hasPrefix("/") && !$0.hasPrefix("@") }
    let ports = list(configuration.port)
    return try await NIOThreadPool.singleton.runIfActive {
      hosts.enumerated().compactMap { index, host in
        let port = Int(ports.count > 1 ? ports[index] : ports.first ?? "") ?? 5432
        let address = try? SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress
        return address.flatMap { IPAddress($0) }.map { BackendNetworks.Endpoint(address: $0, port: port) }
      }
    }
  }

  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map(String.init)
  }
}
