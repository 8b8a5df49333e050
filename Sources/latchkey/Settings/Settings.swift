import Foundation
import Gateway
import Logging
import Routing
import Sealing

/// What a process is told from outside. See `docs/settings.md` for each one's meaning.
struct Settings: Sendable {
  /// A libpq connection string; `nil` runs a private server.
  var databaseURL: String?
  var dataDirectory = ".latchkey"
  var consoleAddress = ListenAddress(host: "127.0.0.1", port: 8080)
  var gatewayAddress = ListenAddress(host: "127.0.0.1", port: 8000)
  var internalAddress = ListenAddress(host: "127.0.0.1", port: 8001)
  /// The same where it was said; a console by itself listens there only then, for it has probes at its own address too.
  var givenInternalAddress: ListenAddress?
  /// Whether anybody may create a tenant.
  var isSignUpOpen = false
  /// How long a session lasts without being used.
  var sessionIdleTimeout: Duration = .seconds(8 * 60 * 60)
  /// How long a session lasts, used or not.
  var sessionLifetime: Duration = .seconds(7 * 24 * 60 * 60)
  var trustedProxies: [AddressRange] = []
  var backendNetworks = BackendNetworks()
  /// PEM certificates that TLS backends may be signed by, besides the system's.
  var backendCAFile: String?
  /// The gateway's event loops; `nil`: one for each processor.
  var eventLoops: Int?
  /// Calls of one caller that an event loop answers before it looks at what others ask.
  var callsPerTurn = 8
  /// Calls under way on a gateway, and connections of clients, that one may have.
  var concurrencyPerCaller = 900
  var concurrencyPerGroup = 4096
  var connectionsPerCaller = 4096
  /// The domain under which each tenant's slug is a host.
  var gatewayDomain: String?
  /// Where callers reach the gateways; `nil`: at the gateway's own address.
  var givenGatewayURL: String?
  /// What secrets are sealed under; `nil`: a key in the data directory with a private server, else none.
  var sealingKeys: SealingKeyRing?
  var maximumSnapshotAge: Duration = .seconds(24 * 60 * 60)
  /// What people know this gateway by; `nil`: by its host's name and the gateway's port.
  var nodeName: String?
  /// What a gateway does that could not renew its lease.
  var withoutLease = ServingLease.WithoutLease.serve
  var logLevel: Logger.Level = .info
  /// Which calls are written down; `nil`: none.
  var accessLog: AccessLog.Share?
  var accessLogPlace = AccessLogFile.Place.standardOutput
  var usageRetention = UsageRetention()
  /// How many bytes of usage wait on disk while the database is away.
  var usageSpoolSize = 256 << 20

  /// - Throws: `SettingsError`.
  init(_ sources: SettingSources) throws {
    let isLocal = try sources.value(.local, "0 or 1", parse: Self.flag) ?? false
    databaseURL = sources.text(.databaseURL)
    dataDirectory = sources.text(.dataDirectory) ?? dataDirectory
    let address = "HOST:PORT"
    consoleAddress = try sources.value(.consoleAddress, address, parse: ListenAddress.init) ?? consoleAddress
    gatewayAddress = try sources.value(.gatewayAddress, address, parse: ListenAddress.init) ?? gatewayAddress
    givenInternalAddress = try sources.value(.internalAddress, address, parse: ListenAddress.init)
    internalAddress = givenInternalAddress ?? internalAddress
    isSignUpOpen = try sources.value(.signUp, "'open' or 'closed'", parse: Self.signUp) ?? isLocal
    let age = "a duration such as 8h, 30m or 90s, of at most 10 years"
    sessionIdleTimeout = try sources.value(.sessionIdle, age, parse: Self.sessionAge) ?? sessionIdleTimeout
    sessionLifetime = try sources.value(.sessionLifetime, age, parse: Self.sessionAge) ?? sessionLifetime
    trustedProxies =
      try sources.value(.trustedProxies, "a list of addresses and CIDR ranges", parse: Self.ranges) ?? []
    let local = BackendNetworks(allowsLoopback: true, allowsPrivate: true)
    let networks = "a list of loopback, private and CIDR ranges"
    backendNetworks =
      try sources.value(.backendNetworks, networks) { BackendNetworks($0) } ?? (isLocal ? local : BackendNetworks())
    backendCAFile = sources.text(.backendCAFile)
    eventLoops = try sources.value(.eventLoops, "a number from 1 to 1024") {
      Self.count($0).flatMap { $0 <= 1024 ? $0 : nil }
    }
    let count = "a number from 1 to 100000"
    callsPerTurn = try sources.value(.callsPerTurn, count, parse: Self.count) ?? callsPerTurn
    concurrencyPerCaller =
      try sources.value(.concurrencyPerCaller, count, parse: Self.count) ?? concurrencyPerCaller
    concurrencyPerGroup = try sources.value(.concurrencyPerGroup, count, parse: Self.count) ?? concurrencyPerGroup
    connectionsPerCaller =
      try sources.value(.connectionsPerCaller, count, parse: Self.count) ?? connectionsPerCaller
    gatewayDomain = try sources.value(.gatewayDomain, "a domain name in lower case", parse: Self.domain)
    givenGatewayURL = try sources.value(.gatewayURL, "an address such as https://api.example.com", parse: Self.origin)
    sealingKeys = try sources.value(.sealingKey, Self.keys) { SealingKeyRing($0) }
    maximumSnapshotAge =
      try sources.value(.maximumSnapshotAge, "a duration such as 24h, 30m or 90s", parse: Self.duration)
      ?? maximumSnapshotAge
    nodeName = try sources.value(.nodeName, "1 to 100 visible ASCII characters", parse: Self.nodeName)
    withoutLease =
      try sources.value(.withoutLease, "'serve' or 'refuse'") { .init(rawValue: $0) } ?? withoutLease
    logLevel =
      try sources.value(.logLevel, "one of trace, debug, info, notice, warning, error, critical") {
        Logger.Level(rawValue: $0.lowercased())
      } ?? logLevel
    accessLog = try sources.value(.accessLog, "'off', 'full' or a ratio from 0 to 1", parse: Self.accessLog) ?? nil
    accessLogPlace = sources.text(.accessLogFile).map(Self.place) ?? accessLogPlace
    usageRetention = try sources.value(.usageKept, Self.retention, parse: Self.retention) ?? usageRetention
    usageSpoolSize = try sources.value(.usageSpool, Self.spool, parse: Self.size) ?? usageSpoolSize
  }

  private static let keys = "a key of 32 bytes in base64 or hexadecimal, or a list of keys with versions (2:…,1:…)"

  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "true", "yes": true
    case "0", "false", "no": false
    default: nil
    }
  }

  private static func signUp(_ text: String) -> Bool? {
    switch text {
    case "open": true
    case "closed": false
    default: nil
    }
  }

  private static func ranges(_ text: String) -> [AddressRange]? {
    let words = text.split { $0 == "," || $0 == " " }
    let ranges = words.compactMap { AddressRange(String($0)) }
    return ranges.count == words.count ? ranges : nil
  }

  private static func count(_ text: String) -> Int? {
    Int(text).flatMap { (1...100_000).contains($0) ? $0 : nil }
  }

  private static func domain(_ text: String) -> String? {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let isValid =
      text.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
      }
    return isValid ? text : nil
  }

  /// - Returns: the address, without a slash at its end.
  private static func origin(_ text: String) -> String? {
    guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme), let host = url.host,
      !host.isEmpty, ["", "/"].contains(url.path), url.query == nil, url.fragment == nil, url.user == nil
    else { return nil }
    return url.path.isEmpty ? text : String(text.dropLast())
  }

  private static func nodeName(_ text: String) -> String? {
    (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
  }

  private static func sessionAge(_ text: String) -> Duration? {
    duration(text).flatMap { $0 <= .seconds(3_650 * 86_400) ? $0 : nil }
  }

  private static func duration(_ text: String) -> Duration? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let last = text.last, let seconds = units[last], let count = Int64(text.dropLast()), count > 0,
      !count.multipliedReportingOverflow(by: seconds).overflow
    else { return nil }
    return .seconds(count * seconds)
  }
}
