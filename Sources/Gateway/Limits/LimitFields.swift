import Metering
import Model

/// What an answer says of the limits that its call counted against: the fields `RateLimit-Policy` and `RateLimit` of
/// draft-ietf-httpapi-ratelimit-headers, a policy for each period. Those of all callers together are named `shared-…`.
struct LimitFields {
  /// Whole field lines, each with its CRLF.
  private(set) var lines: [UInt8] = []

  init(_ standings: CallStandings) {
    lines.reserveCapacity(256)
    write("RateLimit-Policy: ", standings) { lines, standing in
      lines.append(";q=", standing.requests)
      lines.append(";w=", standing.window.wholeSeconds)
    }
    write("RateLimit: ", standings) { lines, standing in
      lines.append(";r=", standing.remaining)
      lines.append(";t=", standing.resetsIn.wholeSeconds)
    }
  }

  private mutating func write(
    _ name: StaticString, _ standings: CallStandings, _ parameters: (inout [UInt8], LimitStanding) -> Void
  ) {
    lines.append(name)
    var isFirst = true
    for (standings, prefix) in [(standings.own, "\"" as StaticString), (standings.shared, "\"shared-")] {
      guard let standings else { continue }
      for index in 0..<standings.count {
        if !isFirst { lines.append(", ") }
        isFirst = false
        lines.append(prefix)
        lines.append(standings[index].period.token)
        lines.append("\"")
        parameters(&lines, standings[index])
      }
    }
    lines.append("\r\n")
  }
}

extension LimitPeriod {
  fileprivate var token: StaticString {
    switch self {
    case .second: "second"
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day"
    case .month: "month"
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { append(contentsOf: $0) }
  }

  fileprivate mutating func append(_ name: StaticString, _ value: Int64) {
    append(name)
    append(contentsOf: "\(value)".utf8)
  }
}

extension Duration {
  /// Seconds, a begun one for a whole.
  var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}

extension LocalAnswer {
  /// What a call gets that is over a limit.
  init(_ refusal: LimitRefusal) {
    self.init(refusal.reason == .usedUp ? GatewayProblem.limitExceeded : .limitUnavailable)
    fields += Array("Retry-After: \(max(1, refusal.retryIn.wholeSeconds))\r\n".utf8)
    fields += LimitFields(refusal.standings).lines
  }
}
