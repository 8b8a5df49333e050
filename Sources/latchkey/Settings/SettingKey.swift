import Configuration

/// The settings that a process knows, by their names.
enum SettingKey: String, CaseIterable {
  case databaseURL = "database.url"
  case dataDirectory = "data.dir"
  case consoleAddress = "console.address"
  case gatewayAddress = "gateway.address"
  case internalAddress = "internal.address"
  case signUp = "signup"
  case sessionIdle = "session.idle"
  case sessionLifetime = "session.lifetime"
  case trustedProxies = "trusted.proxies"
  case backendNetworks = "backend.networks"
  case backendCAFile = "backend.ca.file"
  case eventLoops = "event.loops"
  case callsPerTurn = "calls.per.turn"
  case concurrencyPerCaller = "concurrency.per.caller"
  case concurrencyPerGroup = "concurrency.per.group"
  case connectionsPerCaller = "connections.per.caller"
  case gatewayDomain = "gateway.domain"
  case gatewayURL = "gateway.url"
  case sealingKey = "sealing.key"
  case maximumSnapshotAge = "max.snapshot.age"
  case nodeName = "node.name"
  case withoutLease = "without.lease"
  case local = "local"
  case logLevel = "log.level"
  case accessLog = "access.log"
  case accessLogFile = "access.log.file"
  case usageKept = "usage.kept"
  case usageSpool = "usage.spool"

  /// As in `LATCHKEY_CONSOLE_ADDRESS`.
  var environmentName: String {
    "LATCHKEY_" + rawValue.uppercased().replacing(".", with: "_")
  }

  /// Where a provider finds it.
  var path: [String] {
    ["latchkey"] + rawValue.split(separator: ".").map(String.init)
  }

  var isSecret: Bool { self == .databaseURL || self == .sealingKey }

  static func isKnown(environmentName: String) -> Bool {
    allCases.contains { $0.environmentName == environmentName }
  }
}
