import ArgumentParser
import Logging
import Metrics
import Telemetry

/// Serves until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the console, the gateway and the checks; all of them, or one role.")

  @Option(help: "What this process serves.")
  var role = NodeRoles.all
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await options.settings()
    let logger = ProcessLog.start(level: settings.logLevel)
    OpenFiles.raiseLimit(logger: logger)
    let metrics = MetricsRegistry()
    MetricsSystem.bootstrap(metrics)
    try await Installation(settings: settings, roles: role, metrics: metrics, logger: logger).run()
  }
}
