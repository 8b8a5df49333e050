import Framing

/// Where a call stands in its distributed trace: what came with it, by the W3C recommendation Trace Context, or a trace
/// that begins here.
struct TraceContext: Sendable {
  let traceHigh: UInt64
  let traceLow: UInt64
  /// The gateway's own part of the trace, which is the backend's parent.
  let span: UInt64
  private let flags: UInt8
  /// Whether the trace came with the call, so that its `tracestate` belongs to it.
  let isContinued: Bool

  /// How many bytes ``HeadWriter/write(_:)-(TraceContext)`` writes.
  static let length = 55

  /// Continues the trace of `head` where it names one properly, once; begins one otherwise.
  init(of head: borrowing RequestHead, in bytes: Span<UInt8>, using source: inout RequestIDSource) {
    span = source.nextButZero()
    guard let value = head.single(.traceparent), let parent = TraceParent(value, in: bytes) else {
      (traceHigh, traceLow) = (source.next(), source.nextButZero())
      // Nobody has decided otherwise, so that a backend records as it would of a call that comes without a trace.
      (flags, isContinued) = (TraceParent.sampled, false)
      return
    }
    (traceHigh, traceLow, flags, isContinued) = (parent.traceHigh, parent.traceLow, parent.flags, true)
  }

  /// A trace of what could not be read.
  init(using source: inout RequestIDSource) {
    span = source.nextButZero()
    (traceHigh, traceLow) = (source.next(), source.nextButZero())
    (flags, isContinued) = (TraceParent.sampled, false)
  }

  fileprivate var flagsText: StaticString {
    switch flags {
    case 0: "-00"
    case 1: "-01"
    case 2: "-02"
    default: "-03"
    }
  }
}

/// The value of a `traceparent` field: `00-{trace id}-{parent id}-{flags}`.
private struct TraceParent {
  static let sampled: UInt8 = 1
  /// Those that have a meaning: sampled, and that the trace id is random.
  private static let knownFlags: UInt8 = 3

  let traceHigh: UInt64
  let traceLow: UInt64
  let flags: UInt8

  /// nil for what the recommendation has one begin a new trace for: another length, upper case, only zeros, version ff.
  init?(_ value: ByteRange, in bytes: Span<UInt8>) {
    let start = value.lowerBound
    guard value.count >= TraceContext.length, bytes[start + 2] == Self.dash, bytes[start + 35] == Self.dash,
      bytes[start + 52] == Self.dash,
      let version = Self.number(bytes, start, digits: 2), version != 0xFF,
      // A later version may have more behind a dash.
      value.count == TraceContext.length || version > 0 && bytes[start + 55] == Self.dash,
      let high = Self.number(bytes, start + 3, digits: 16), let low = Self.number(bytes, start + 19, digits: 16),
      let parent = Self.number(bytes, start + 36, digits: 16), let flags = Self.number(bytes, start + 53, digits: 2),
      high | low != 0, parent != 0
    else { return nil }
    (traceHigh, traceLow, self.flags) = (high, low, UInt8(flags) & Self.knownFlags)
  }

  private static let dash = UInt8(ascii: "-")

  /// Digits of base sixteen in lower case.
  private static func number(_ bytes: Span<UInt8>, _ start: Int, digits: Int) -> UInt64? {
    var number: UInt64 = 0
    for index in start..<(start + digits) {
      switch bytes[index] {
      case let digit where digit >= 0x30 && digit <= 0x39: number = number << 4 | UInt64(digit - 0x30)
      case let digit where digit >= 0x61 && digit <= 0x66: number = number << 4 | UInt64(digit - 0x57)
      default: return nil
      }
    }
    return number
  }
}

extension HeadWriter {
  /// The value of `traceparent` that names the gateway's part as the parent.
  mutating func write(_ trace: TraceContext) {
    write("00-")
    writeTraceID(of: trace)
    write("-")
    write(hexadecimal: trace.span)
    write(trace.flagsText)
  }

  mutating func writeTraceID(of trace: TraceContext) {
    write(hexadecimal: trace.traceHigh)
    write(hexadecimal: trace.traceLow)
  }
}

extension RequestIDSource {
  /// Ids of only zeros are none.
  fileprivate mutating func nextButZero() -> UInt64 { max(1, next()) }
}
