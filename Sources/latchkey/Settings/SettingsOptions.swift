import ArgumentParser
import Foundation

/// The flags that every command which needs settings takes. Each goes before the environment variable of its name.
struct SettingsOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A file of NAME=value lines, as in the environment.", valueName: "file"))
  var config: String?
  @Option(help: ArgumentHelp("A libpq connection string; without one a private server runs.", valueName: "url"))
  var databaseURL: String?
  @Option(help: ArgumentHelp("Where a private server and the node's own files live (.latchkey).", valueName: "folder"))
  var dataDir: String?
  @Option(help: ArgumentHelp("The console's listener (127.0.0.1:8080).", valueName: "host:port"))
  var consoleAddress: String?
  @Option(help: ArgumentHelp("The gateway's listener (127.0.0.1:8000).", valueName: "host:port"))
  var gatewayAddress: String?
  @Option(help: ArgumentHelp("The checks' and probes' listener (127.0.0.1:8001).", valueName: "host:port"))
  var internalAddress: String?
  @Option(help: ArgumentHelp("Whether anybody may create a tenant (closed).", valueName: "open|closed"))
  var signup: String?
  @Option(help: ArgumentHelp("How long a session lasts without being used (8h).", valueName: "duration"))
  var sessionIdle: String?
  @Option(help: ArgumentHelp("How long a session lasts at the most (7d).", valueName: "duration"))
  var sessionLifetime: String?
  @Option(help: ArgumentHelp("Whose forwarding headers are believed: addresses, CIDR ranges.", valueName: "list"))
  var trustedProxies: String?
  @Option(help: ArgumentHelp("Backends allowed besides public ones: loopback, private, CIDR.", valueName: "list"))
  var backendNetworks: String?
  @Option(
    help: ArgumentHelp("Certificates that TLS backends may be signed by, besides the system's.", valueName: "pem"))
  var backendCAFile: String?
  @Option(help: ArgumentHelp("The gateway's event loops (one for each processor).", valueName: "number"))
  var eventLoops: Int?
  @Option(help: ArgumentHelp("One caller's calls before others are looked at (8).", valueName: "number"))
  var callsPerTurn: Int?
  @Option(help: ArgumentHelp("One caller's calls under way on a gateway (900).", valueName: "number"))
  var concurrencyPerCaller: Int?
  @Option(help: ArgumentHelp("One group's calls under way on a gateway (4096).", valueName: "number"))
  var concurrencyPerGroup: Int?
  @Option(help: ArgumentHelp("One caller's connections to a gateway (4096).", valueName: "number"))
  var connectionsPerCaller: Int?
  @Option(help: ArgumentHelp("The domain under which each tenant's slug is a host.", valueName: "domain"))
  var gatewayDomain: String?
  @Option(help: ArgumentHelp("Where callers reach the gateways, as pages show it.", valueName: "url"))
  var gatewayURL: String?
  @Option(help: ArgumentHelp("How long to go on without the database (24h).", valueName: "duration"))
  var maxSnapshotAge: String?
  @Option(help: ArgumentHelp("What receipts call this gateway (its host's name and port).", valueName: "name"))
  var nodeName: String?
  @Option(
    help: ArgumentHelp("What a gateway does that cannot renew its lease (serve).", valueName: "serve|refuse"))
  var withoutLease: String?
  @Option(help: ArgumentHelp("What is logged (info).", valueName: "level"))
  var logLevel: String?
  @Option(
    help: ArgumentHelp("Which calls are written down (off): a ratio such as 0.01, or all.", valueName: "off|ratio|full")
  )
  var accessLog: String?
  @Option(help: ArgumentHelp("Where to: a file, stdout or stderr (stdout).", valueName: "file"))
  var accessLogFile: String?
  @Option(help: ArgumentHelp("How long usage is kept by minutes, hours and days (8d,100d,1095d).", valueName: "days"))
  var usageKept: String?
  @Option(help: ArgumentHelp("How much usage waits on disk for the database (256MiB).", valueName: "size"))
  var usageSpool: String?
  @Flag(help: "For trying it out: sign-up open, loopback and private backends allowed.")
  var local = false

  /// - Throws: `SettingsError`.
  func settings() async throws -> Settings {
    let environment = ProcessInfo.processInfo.environment
    let file = config ?? environment["LATCHKEY_CONFIG_FILE"]
    return try Settings(await SettingSources(flags: flags, environment: environment, file: file))
  }

  private var flags: [SettingKey: String] {
    let all: [SettingKey: String?] = [
      .databaseURL: databaseURL, .dataDirectory: dataDir, .consoleAddress: consoleAddress,
      .gatewayAddress: gatewayAddress, .internalAddress: internalAddress, .signUp: signup, .sessionIdle: sessionIdle,
      .sessionLifetime: sessionLifetime,
      .trustedProxies: trustedProxies, .backendNetworks: backendNetworks, .backendCAFile: backendCAFile,
      .eventLoops: eventLoops.map { "\($0)" },
      .callsPerTurn: callsPerTurn.map { "\($0)" }, .concurrencyPerCaller: concurrencyPerCaller.map { "\($0)" },
      .concurrencyPerGroup: concurrencyPerGroup.map { "\($0)" },
      .connectionsPerCaller: connectionsPerCaller.map { "\($0)" },
      .gatewayDomain: gatewayDomain, .gatewayURL: gatewayURL, .maximumSnapshotAge: maxSnapshotAge, .nodeName: nodeName,
      .withoutLease: withoutLease, .logLevel: logLevel, .accessLog: accessLog, .accessLogFile: accessLogFile,
      .usageKept: usageKept, .usageSpool: usageSpool,
      .local: local ? "1" : nil,
    ]
    return all.compactMapValues(\.self)
  }
}
