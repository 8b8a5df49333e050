import ConsoleWeb
import Gateway
import Synchronization

/// Where the gateway is, which is known for certain only when it listens: a port may be for the system to choose.
final class GatewayAddress: Sendable {
  private let given: String?
  private let isOwn: Bool
  private let listener: Mutex<ListenAddress>

  /// - Parameter isOwn: whether this process is a gateway.
  init(_ settings: Settings, isOwn: Bool) {
    given = settings.givenGatewayURL
    self.isOwn = isOwn
    listener = Mutex(settings.gatewayAddress)
  }

  var url: GatewayURL {
    let listener = listener.withLock { $0 }
    let shown = given ?? Self.url(listener, anywhere: "localhost")
    return GatewayURL(shown: shown, dialled: isOwn ? Self.url(listener, anywhere: "127.0.0.1") : shown)
  }

  /// The gateway of this process listens, at this port.
  func listens(at port: Int) {
    listener.withLock { $0.port = port }
  }

  private static func url(_ listener: ListenAddress, anywhere: String) -> String {
    let isAnywhere = ["0.0.0.0", "::"].contains(listener.host)
    return "http://\(ListenAddress(host: isAnywhere ? anywhere : listener.host, port: listener.port))"
  }
}
