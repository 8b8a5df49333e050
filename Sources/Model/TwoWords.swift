/// 128 bits as two words, which is how values keep them.
///
/// Swift 6.3.1 gets `UInt128`s wrong that an asynchronous call passes on the stack: what lies beside them, a frame's
/// return address among it, is overwritten. Seen on x86-64 without optimisation, in a call with an id behind four words.
struct TwoWords: Hashable, Sendable, BitwiseCopyable {
  private let high, low: UInt64

  @inline(__always)
  init(_ value: UInt128) {
    (high, low) = (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
  }

  @inline(__always)
  var value: UInt128 { UInt128(high) << 64 | UInt128(low) }
}
