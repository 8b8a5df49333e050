import Metering
import Model

// What an answer says of the limits that its call counted against: the fields `RateLimit-Policy` and `RateLimit` of
// draft-ietf-httpapi-ratelimit-headers, a policy for each period. Those of all callers together are named `shared-…`.

extension HeadWriter {
  /// Writes whole field lines, each with its CRLF; nothing where nothing limits the call.
  mutating func write(_ standings: borrowing CallStandings) {
    guard standings.count > 0 else { return }
    write("RateLimit-Policy: ")
    write(standings) { writer, standing in
      writer.write(";q=")
      writer.write(decimal: Int(standing.requests))
      writer.write(";w=")
      writer.write(decimal: Int(standing.windowSeconds))
    }
    write("\r\nRateLimit: ")
    write(standings) { writer, standing in
      writer.write(";r=")
      writer.write(decimal: Int(standing.remaining))
      writer.write(";t=")
      writer.write(decimal: Int(standing.secondsLeft))
    }
    write("\r\n")
  }

  @inline(__always)
  private mutating func write(
    _ standings: borrowing CallStandings, _ parameters: (inout HeadWriter, LimitStanding) -> Void
  ) {
    write(standings.own, "\"", isFirst: true, parameters)
    write(standings.shared, "\"shared-", isFirst: standings.own.count == 0, parameters)
  }

  @inline(__always)
  private mutating func write(
    _ standings: borrowing LimitStandings, _ prefix: StaticString, isFirst: Bool,
    _ parameters: (inout HeadWriter, LimitStanding) -> Void
  ) {
    for index in 0..<standings.count {
      if index > 0 || !isFirst { write(", ") }
      write(prefix)
      let standing = standings[index]
      write(standing.period.token)
      write("\"")
      parameters(&self, standing)
    }
  }
}

extension CallStandings {
  /// How many bytes what is said of them has at most.
  var length: Int { count == 0 ? 0 : 48 + count * 128 }

  /// What is said of them, for an answer that is put together before it is written.
  var lines: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { memory, count in
      guard memory.baseAddress != nil else { return }
      var writer = HeadWriter(UnsafeMutableRawBufferPointer(memory))
      writer.write(self)
      count = writer.count
    }
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

extension Duration {
  /// Seconds, a begun one for a whole.
  var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}

extension LocalAnswer {
  /// What a call gets that is over a limit.
  init(_ refusal: LimitRefusal) {
    self.init(refusal.reason == .usedUp ? GatewayProblem.limitExceeded : .limitUnavailable)
    fields += Array("Retry-After: \(max(1, refusal.retryIn.wholeSeconds))\r\n".utf8)
  }
}
