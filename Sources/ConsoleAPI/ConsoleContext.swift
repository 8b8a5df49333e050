package import Hummingbird
import Logging
package import Model
package import NIOCore

/// One call of the API, by the id that its answer and our log have.
package enum ConsoleRequest: Identified {
  package static var idPrefix: StaticString { "req" }
}

/// What goes with a request from the listener to the route.
package struct ConsoleContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  package let requestID: ID<ConsoleRequest>
  /// Who is at the other end of the connection.
  package let peer: SocketAddress?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    requestID = .random()
    peer = source.channel.remoteAddress
    logger[metadataKey: "requestId"] = "\(requestID)"
  }
}
