import Logging
import Postgres
import ServiceLifecycle

/// Adds what gateways counted of late to the sums by minutes, hours and days.
///
/// Nobody waits for it: who asks for usage reads both. Of several consoles one does it at a time.
struct UsageRollUp: Service {
  let pool: PostgresPool
  let logger: Logger
  /// What came meanwhile is read row by row, so not too long; each time costs every sum that is called an update.
  var interval: Duration = .seconds(15)

  private static let options = TransactionOptions(timeout: .seconds(60))

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: interval)
        await rollUp()
      }
    }
  }

  private func rollUp() async {
    do {
      while try await pool.pipeline(Self.options, Query<Int64>("usage.roll_up", "SELECT roll_up_usage()").only) > 0 {
        try Task.checkCancellation()
      }
    } catch {
      if !(error is CancellationError) {
        logger.warning("could not roll up usage", metadata: ["error": "\(error)"])
      }
    }
  }
}
