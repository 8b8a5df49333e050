import Foundation
import Gateway
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// A Hummingbird server as a service: says where it listens, and names the address if the system refuses it.
struct HTTPService<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
  private let name: String
  private let address: ListenAddress
  private let application: Application<Responder>

  /// - Parameters:
  ///   - name: what listens, for the log.
  ///   - handlers: made for each connection, between the codec and the responder.
  ///   - onListening: called once with the address that was bound.
  init(
    _ name: String, on address: ListenAddress, responder: Responder,
    handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] }, logger: Logger,
    onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
  ) {
    (self.name, self.address) = (name, address)
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    application = Application(
      responder: responder,
      server: .http1(
        configuration: HTTP1Channel.Configuration(
          additionalChannelHandlers: [ContinueHandler()] + handlers(), idleTimeout: .seconds(75))),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: nil),
      onServerRunning: { channel in
        guard let bound = channel.localAddress else { return }
        let shown = ListenAddress(host: bound.ipAddress ?? address.host, port: bound.port ?? address.port)
        logger.info("listening", metadata: ["listener": "\(name)", "address": "\(shown)"])
        onListening(bound)
      },
      logger: quiet)
  }

  func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw GatewayError.addressInUse(address)
    } catch let error as IOError {
      throw GatewayError.cannotListen(address, reason: String(cString: strerror(error.errnoCode)))
    } catch is SocketAddressError.UnknownHost {
      throw GatewayError.cannotListen(address, reason: "its host cannot be resolved")
    }
  }
}
