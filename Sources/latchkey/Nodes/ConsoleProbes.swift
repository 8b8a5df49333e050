import Hummingbird
import Postgres

/// `/healthz` and `/readyz` of a process that has no gateway to answer them.
enum ConsoleProbes {
  static func responder(pool: PostgresPool) -> some HTTPResponder<BasicRequestContext> {
    let router = Router()
    router.get("/healthz") { _, _ in HTTPResponse.Status.ok }
    router.get("/readyz") { _, _ in await isUsable(pool) ? HTTPResponse.Status.ok : .serviceUnavailable }
    return router.buildResponder()
  }

  private static func isUsable(_ pool: PostgresPool) async -> Bool {
    let one = try? await pool.only(Query<Int32>("probe.ready", "SELECT 1"))
    return one == 1
  }
}
