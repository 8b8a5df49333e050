import NIOCore

/// Writes the bytes of a head into memory that was reserved for all of them.
///
/// Unsafe pointers inside, since a head is written for every message; each write is checked against the reserve.
struct HeadWriter {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private(set) var count = 0

  init(_ memory: UnsafeMutableRawBufferPointer) {
    base = memory.baseAddress!
    capacity = memory.count
  }

  @inline(__always)
  mutating func write(_ source: UnsafeRawPointer, _ length: Int) {
    precondition(length >= 0 && length <= capacity &- count, "the reserve for a head is too small")
    (base + count).copyMemory(from: source, byteCount: length)
    count &+= length
  }

  @inline(__always)
  mutating func write(_ text: StaticString) {
    write(text.utf8Start, text.utf8CodeUnitCount)
  }

  @inline(__always)
  mutating func write(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range outside the head")
    guard let source = bytes.baseAddress else { return }
    write(source + range.lowerBound, range.count)
  }

  @inline(__always)
  mutating func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0, 0..<$0.count) }
  }

  /// An id's characters.
  @inline(__always)
  mutating func write(_ id: InlineArray<30, UInt8>) {
    id.span.withUnsafeBytes { write($0, 0..<$0.count) }
  }

  mutating func write(decimal number: Int) {
    precondition(number >= 0)
    var rest = UInt64(number)
    // Four digits at a time: a long division for each would be most of what a head's numbers cost.
    var groups = InlineArray<5, UInt32>(repeating: 0)
    var last = 0
    while rest >= 10_000 {
      groups[last] = UInt32(truncatingIfNeeded: rest % 10_000)
      rest /= 10_000
      last += 1
    }
    let first = UInt32(truncatingIfNeeded: rest)
    if first >= 1000 { write(digit: first / 1000) }
    if first >= 100 { write(digit: first / 100 % 10) }
    if first >= 10 { write(digit: first / 10 % 10) }
    write(digit: first % 10)
    while last > 0 {
      last -= 1
      let group = groups[last]
      write(digit: group / 1000)
      write(digit: group / 100 % 10)
      write(digit: group / 10 % 10)
      write(digit: group % 10)
    }
  }

  @inline(__always)
  private mutating func write(digit: UInt32) {
    write(byte: UInt8(truncatingIfNeeded: 0x30 &+ digit))
  }

  /// Eight bytes, the lowest first.
  @inline(__always)
  mutating func write(word: UInt64) {
    precondition(capacity &- count >= 8, "the reserve for a head is too small")
    base.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
    count &+= 8
  }

  @inline(__always)
  mutating func write(byte: UInt8) {
    precondition(count < capacity, "the reserve for a head is too small")
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }
}

extension ByteBuffer {
  /// Makes the buffer empty for another message, and small if the last one was large.
  @inline(__always)
  mutating func empty() {
    if storageCapacity > Self.keptCapacity { self = ByteBuffer() } else { clear() }
  }

  /// Room for a head and a short body.
  private static let keptCapacity = 32 * 1024

  /// Appends what `body` writes, which is `reserve` bytes at most.
  @inline(__always)
  mutating func writeHead(reserve: Int, _ body: (inout HeadWriter) -> Void) {
    writeWithUnsafeMutableBytes(minimumWritableBytes: reserve) { memory in
      var writer = HeadWriter(memory)
      body(&writer)
      return writer.count
    }
  }
}
