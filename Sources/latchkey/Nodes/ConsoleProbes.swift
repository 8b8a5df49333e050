import Hummingbird
import Postgres

/// `/healthz` and `/readyz` of a console, at its own listener and, for a process without a gateway to answer them, at
/// the internal one.
struct ConsoleProbes: Sendable {
  let pool: PostgresPool

  var responder: some HTTPResponder<BasicRequestContext> {
    let router = Router()
    addRoutes(to: router)
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
