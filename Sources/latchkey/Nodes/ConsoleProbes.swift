import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Telemetry

/// `/healthz` and `/readyz` of a console, at its own listener and, with `/metrics`, for a process without a gateway to
/// answer them, at the internal one.
struct ConsoleProbes: Sendable {
  let pool: PostgresPool
  let metrics: MetricsRegistry

  var responder: some HTTPResponder<BasicRequestContext> {
    let router = Router()
    addRoutes(to: router)
    router.get("/metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: MetricsRegistry.mediaType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.exposition())))
    }
    return router.buildResponder()
  }

  func addRoutes(to router: Router<some RequestContext>) {
    router.get("/healthz") { _, _ in HTTPResponse.Status.ok }
    router.get("/readyz") { _, _ in await isUsable ? HTTPResponse.Status.ok : .serviceUnavailable }
  }

  private var isUsable: Bool {
    get async {
      let one = try? await pool.only(Query<Int32>("probe.ready", "SELECT 1"))
      return one == 1
    }
  }
}
