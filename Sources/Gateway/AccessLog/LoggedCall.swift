import Framing
import Routing

/// What a line of the access log says of a call's head, kept until the call is over. The storage is used again for every
/// call of a connection.
struct LoggedCall {
  private(set) var bytes: [UInt8] = []
  private(set) var method = 0..<0
  private(set) var path = 0..<0
  private(set) var host = 0..<0
  /// The slug of the tenant whose key it came with.
  private(set) var caller = 0..<0
  /// Of who a trusted proxy says that it asks for.
  private(set) var forwardedFor = 0..<0
  /// Whether the path goes on.
  private(set) var isPathCut = false
  /// Whether it belongs to the part of all calls that is written.
  private(set) var isSampled = false

  private static let longestPath = 1024
  private static let longestMethod = 32
  private static let longestOther = 256

  /// Nothing is known.
  mutating func forget() {
    bytes.removeAll(keepingCapacity: true)
    (method, path, host, caller, forwardedFor, isPathCut) = (0..<0, 0..<0, 0..<0, 0..<0, 0..<0, false)
  }

  mutating func keep(_ call: Call, _ source: Span<UInt8>) {
    forget()
    method = keep(call.method, source, longest: Self.longestMethod)
    host = call.host.map { keep($0, source, longest: Self.longestOther) } ?? 0..<0
    keepPath(call.path, source)
  }

  /// Of a path that is too long, the segments that find room: nobody sees the beginning of a secret.
  private mutating func keepPath(_ range: ByteRange, _ source: Span<UInt8>) {
    var end = range.upperBound
    if range.count > Self.longestPath {
      isPathCut = true
      end = range.lowerBound + Self.longestPath
      while end > range.lowerBound, source[end - 1] != UInt8(ascii: "/") { end -= 1 }
    }
    path = keep(ByteRange(range.lowerBound, end), source, longest: Self.longestPath)
  }

  mutating func keep(caller: Caller) {
    caller.tenantSlug.withBytes { self.caller = append($0) }
  }

  mutating func keep(forwardedFor value: ByteRange, _ source: Span<UInt8>) {
    forwardedFor = keep(value, source, longest: Self.longestOther)
  }

  mutating func sample(_ isSampled: Bool) { self.isSampled = isSampled }

  /// Nothing of what is too long: a part of it could be a part of a secret.
  private mutating func keep(_ range: ByteRange, _ source: Span<UInt8>, longest: Int) -> Range<Int> {
    guard range.count <= longest else { return 0..<0 }
    return source.extracting(range.indices).withUnsafeBytes { append($0) }
  }

  private mutating func append(_ added: UnsafeRawBufferPointer) -> Range<Int> {
    let start = bytes.count
    bytes.append(contentsOf: added)
    return start..<bytes.count
  }
}
