package import Framing
import NIOCore

/// How the gateway listens, forwards and gives up.
package struct Configuration: Sendable {
  /// Where the callers' traffic arrives.
  package var gatewayAddress = ListenAddress(host: "127.0.0.1", port: 8000)
  /// Where `/check/…`, `/healthz` and `/readyz` are answered.
  package var internalAddress = ListenAddress(host: "127.0.0.1", port: 8001)
  /// What tenants' slugs are put before in host names; nil: groups are named by path only.
  package var gatewayDomain: String?
  /// Event loops; nil: one for each core.
  package var eventLoops: Int?
  /// What a backend's name may resolve to besides public addresses.
  package var backendNetworks = BackendNetworks()
  /// Whose `Forwarded`, `X-Forwarded-*` and `X-Request-Id` are believed; the check answers them and loopback only.
  package var trustedProxies: [AddressRange] = []
  /// Certificate files of authorities that backends may be certified by besides the system's.
  package var backendAuthorities: [String] = []
  package var limits = Limits()
  /// The largest request body that is forwarded, in bytes.
  package var maximumBodyBytes = 1 << 30
  /// How many bytes of a request's body must come in a second, on the average since the last pause of
  /// ``Timeouts/bodyIdle``, until the answer begins. The figure is that of Kestrel's `MinRequestBodyDataRate`.
  package var minimumBodyRate = 240
  /// Connections to one backend from this node, all event loops together.
  package var connectionsPerBackend = 1024
  /// How much of them the clients of one address may hold, in hundredths; trusted proxies may hold all.
  package var connectionsPerAddress = 75
  /// Calls that one caller may have under way on this node: fewer than there are connections to a backend, so that it
  /// never holds all of them.
  package var concurrencyPerCaller = 900
  /// Calls that one group may have under way on this node in one environment.
  package var concurrencyPerGroup = 4096
  /// Clients' connections that one caller may hold on this node.
  package var connectionsPerCaller = 4096
  /// How much of what a caller may have the clients of one address may, and how much of what a group may have one caller
  /// may, in hundredths.
  package var largestPart = 75
  /// Calls of one caller that an event loop answers before it looks at what others ask.
  package var callsPerTurn = 8
  /// How often a request may pass gateways of this kind before it is taken for a loop.
  package var maximumHops = 4
  package var timeouts = Timeouts()

  package init() {}

  /// How many event loops there are.
  var eventLoopCount: Int { eventLoops ?? System.coreCount }

  /// What one of several may have at the most of `all`.
  func largestPart(of all: Int) -> Int { max(1, (all * largestPart + 99) / 100) }
}

/// A host and a port to listen on.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  package var host: String
  /// 0 takes any free port.
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How long the gateway waits; kept to a tenth of a second.
package struct Timeouts: Sendable {
  /// From a request's first byte to the end of its head.
  package var requestHead = Duration.seconds(15)
  /// Between two pieces of a body, either way, and for the client to take what is sent.
  package var bodyIdle = Duration.seconds(60)
  /// The same for a request's body that has a connection to a backend which others wait for.
  package var hurriedBody = Duration.seconds(5)
  /// Between two requests of a client's connection.
  package var clientIdle = Duration.seconds(75)
  /// For a connection to a backend's address, and for TLS on it.
  package var connect = Duration.seconds(5)
  /// For a connection to be had at all: in the queue, resolving and connecting together.
  package var lease = Duration.seconds(10)
  /// For what a limit still allows, where the node holds nothing of it.
  package var limits = Duration.milliseconds(50)
  /// For a backend to tell a client that expects it to go on with its body; then the gateway does.
  package var continuation = Duration.seconds(1)
  /// From the request's end to the answer's head.
  package var response = Duration.seconds(60)
  /// How long an unused connection to a backend is kept.
  package var backendIdle = Duration.seconds(50)
  /// How long a resolved name is used before it is asked for again; older answers are kept while none is had.
  package var resolution = Duration.seconds(30)
  /// How long a closing connection's last bytes are waited for.
  package var linger = Duration.seconds(2)
  /// How long a client's connection on which nothing is asked is kept when the gateway stops: a request may be on its way.
  package var lastRequest = Duration.milliseconds(500)
  /// How long requests in flight are waited for when the gateway stops.
  package var shutdown = Duration.seconds(30)

  package init() {}
}
