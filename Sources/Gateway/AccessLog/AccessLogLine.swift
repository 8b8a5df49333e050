import Framing
import Model
import NIOCore
import Routing

/// One line of the access log: a JSON object, as `docs/logs.md` describes its members.
struct AccessLogLine {
  /// What a line has at most, its end included.
  static let capacity = 4096

  let call: CallRecord
  let logged: LoggedCall
  let listener: RequestTally.Listener
  let id: RequestID
  let trace: TraceContext
  let client: [UInt8]
  /// Where the call was sent to.
  let backend: [UInt8]
  let isWhole: Bool
  let now: NIODeadline
  let time: UnixTime

  func write(to writer: inout HeadWriter) {
    let duration = now - call.begun
    writer.write("{\"time\":\"")
    writer.write(rfc3339: UnixTime(microseconds: time.microseconds - duration.nanoseconds / 1000))
    writer.write(listener == .gateway ? "\",\"kind\":\"call\"" : "\",\"kind\":\"check\"")
    writer.write(",\"requestId\":\"")
    id.write(to: &writer)
    writer.write("\",\"traceId\":\"")
    writer.writeTraceID(of: trace)
    writer.write("\",\"spanId\":\"")
    writer.write(hexadecimal: trace.span)
    writer.write("\"")
    writeHead(to: &writer)
    if call.status > 0 { writer.write(",\"status\":", decimal: call.status) }
    if let problem = call.problem {
      writer.write(",\"code\":", json: ReadyProblem.of(problem).code.span.bytes, limit: 64)
    }
    if !isWhole { writer.write(",\"aborted\":true") }
    writeTarget(to: &writer)
    writer.write(",\"client\":", json: client.span.bytes, limit: 64)
    writer.write(",\"bytesIn\":", decimal: call.bytesIn)
    writer.write(",\"bytesOut\":", decimal: call.bytesOut)
    writer.write(",\"durationMs\":", milliseconds: duration)
    if let duration = call.backendDuration(until: now) {
      writer.write(",\"backendMs\":", milliseconds: duration)
      writer.write(",\"backend\":", json: backend.span.bytes, limit: 64)
      writer.write(",\"attempts\":", decimal: call.attempts)
    }
    writer.write("}\n")
  }

  private func writeHead(to writer: inout HeadWriter) {
    logged.bytes.withUnsafeBytes { bytes in
      if !logged.method.isEmpty { writer.write(",\"method\":", masking: bytes, logged.method, limit: 200) }
      if !logged.path.isEmpty || logged.isPathCut {
        writer.write(",\"path\":", path: bytes, logged.path, isCut: logged.isPathCut)
      }
      if !logged.host.isEmpty { writer.write(",\"host\":", masking: bytes, logged.host, limit: 300) }
      if !logged.forwardedFor.isEmpty {
        writer.write(",\"forwardedFor\":", masking: bytes, logged.forwardedFor, limit: 380)
      }
      if !logged.caller.isEmpty { writer.write(",\"caller\":", masking: bytes, logged.caller, limit: 64) }
    }
  }

  private func writeTarget(to writer: inout HeadWriter) {
    guard let target = call.target else { return }
    writer.write(",\"tenant\":", id: target.tenant.text)
    writer.write(",\"group\":", id: target.group.text)
    writer.write(",\"environment\":", text: target.environment.bytes)
    if let api = call.api { writer.write(",\"api\":", id: api.text) }
    if let subscription = call.subscription { writer.write(",\"subscriptionId\":", id: subscription.text) }
  }
}

// MARK: Members

extension HeadWriter {
  fileprivate mutating func write(_ name: StaticString, decimal number: Int) {
    write(name)
    write(decimal: max(0, number))
  }

  fileprivate mutating func write(_ name: StaticString, text: StaticString) {
    write(name)
    write("\"")
    write(text)
    write("\"")
  }

  fileprivate mutating func write(_ name: StaticString, id: InlineArray<30, UInt8>) {
    write(name)
    write("\"")
    write(id)
    write("\"")
  }

  fileprivate mutating func write(_ name: StaticString, json bytes: RawSpan, limit: Int) {
    write(name)
    bytes.withUnsafeBytes { write(json: $0, limit: limit) }
  }

  /// With three decimals.
  fileprivate mutating func write(_ name: StaticString, milliseconds duration: TimeAmount) {
    write(name)
    let microseconds = max(0, Int(duration.nanoseconds / 1000))
    write(decimal: microseconds / 1000)
    write(".")
    write(microseconds % 1000, digits: 3)
  }

  /// Text in which no secret may be seen: all of it is left out where there is one.
  fileprivate mutating func write(
    _ name: StaticString, masking bytes: UnsafeRawBufferPointer, _ range: Range<Int>, limit: Int
  ) {
    write(name)
    if ExposedSecret.isIn(bytes, range) { return write("\"***\"") }
    write(json: UnsafeRawBufferPointer(rebasing: bytes[range]), limit: limit)
  }

  /// A path, each segment with a secret in it masked.
  fileprivate mutating func write(
    _ name: StaticString, path bytes: UnsafeRawBufferPointer, _ range: Range<Int>, isCut: Bool
  ) {
    write(name)
    guard isCut || ExposedSecret.isIn(bytes, range) else {
      return write(json: UnsafeRawBufferPointer(rebasing: bytes[range]), limit: Self.pathLimit)
    }
    // Seldom enough to be put together anew.
    var masked: [UInt8] = []
    for segment in bytes[range].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if !masked.isEmpty || segment.startIndex > range.lowerBound { masked.append(UInt8(ascii: "/")) }
      masked += ExposedSecret.isIn(bytes, segment.startIndex..<segment.endIndex) ? Array("***".utf8) : Array(segment)
    }
    if isCut { masked += "…".utf8 }
    masked.withUnsafeBytes { write(json: $0, limit: Self.pathLimit) }
  }

  private static var pathLimit: Int { 1600 }

  fileprivate mutating func write(_ number: Int, digits: Int) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      write(byte: 0x30 + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// `2026-11-27T06:24:48.123Z`.
  fileprivate mutating func write(rfc3339 time: UnixTime) {
    let milliseconds = Int(max(0, time.microseconds) / 1000)
    let second = milliseconds / 1000
    let day = CivilDay(daysSince1970: second / 86_400)
    write(day.year, digits: 4)
    write("-")
    write(day.month, digits: 2)
    write("-")
    write(day.day, digits: 2)
    write("T")
    write(second / 3600 % 24, digits: 2)
    write(":")
    write(second / 60 % 60, digits: 2)
    write(":")
    write(second % 60, digits: 2)
    write(".")
    write(milliseconds % 1000, digits: 3)
    write("Z")
  }
}

extension ExposedSecret {
  /// Whether a secret stands in a part of these bytes, percent-encoded or not.
  fileprivate static func isIn(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    guard range.count >= SecretValue.length else { return false }
    let part = UnsafeRawBufferPointer(rebasing: bytes[range])
    return part.withMemoryRebound(to: UInt8.self) { isInTrailer(ByteRange(0, $0.count), $0.span) }
  }
}
