/// XXH64 with seed 0, by which damage to a file is noticed: four lanes of 64-bit multiplications, about as fast as
/// memory is read. Of its authors' specification, version 0.1.1: github.com/Cyan4973/xxHash. It keeps nobody from
/// making a file with a hash of his choice.
package struct ContentHash: Sendable {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63, 0x27D4_EB2F_1656_67C5
  )
  private static let stripe = 32

  private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
    primes.0 &+ primes.1, primes.1, 0, 0 &- primes.0
  )
  /// What has come since the last whole stripe.
  private var rest: [UInt8] = []
  private var length: UInt64 = 0

  package init() {}

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var bytes = bytes
    if !rest.isEmpty {
      let missing = min(Self.stripe - rest.count, bytes.count)
      rest.append(contentsOf: bytes.prefix(missing))
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(missing))
      guard rest.count == Self.stripe else { return }
      rest.withUnsafeBytes { _ = consumeStripes($0) }
      rest.removeAll(keepingCapacity: true)
    }
    rest.append(contentsOf: bytes.dropFirst(consumeStripes(bytes)))
  }

  /// Takes all whole stripes; how many bytes they are.
  private mutating func consumeStripes(_ bytes: UnsafeRawBufferPointer) -> Int {
    var (first, second, third, fourth) = lanes
    var offset = 0
    while offset + Self.stripe <= bytes.count {
      first = Self.round(first, bytes.word(at: offset))
      second = Self.round(second, bytes.word(at: offset + 8))
      third = Self.round(third, bytes.word(at: offset + 16))
      fourth = Self.round(fourth, bytes.word(at: offset + 24))
      offset += Self.stripe
    }
    lanes = (first, second, third, fourth)
    return offset
  }

  /// The hash of all that came so far.
  package var value: UInt64 {
    var hash = length < UInt64(Self.stripe) ? Self.primes.4 : merged
    hash &+= length
    rest.withUnsafeBytes { rest in
      var offset = 0
      while offset + 8 <= rest.count {
        hash ^= Self.round(0, rest.word(at: offset))
        hash = hash.rotated(by: 27) &* Self.primes.0 &+ Self.primes.3
        offset += 8
      }
      if offset + 4 <= rest.count {
        let half = UInt32(littleEndian: rest.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        hash ^= UInt64(half) &* Self.primes.0
        hash = hash.rotated(by: 23) &* Self.primes.1 &+ Self.primes.2
        offset += 4
      }
      for byte in rest[offset...] {
        hash ^= UInt64(byte) &* Self.primes.4
        hash = hash.rotated(by: 11) &* Self.primes.0
      }
    }
    hash = (hash ^ hash >> 33) &* Self.primes.1
    hash = (hash ^ hash >> 29) &* Self.primes.2
    return hash ^ hash >> 32
  }

  private var merged: UInt64 {
    let (first, second, third, fourth) = lanes
    let sum = first.rotated(by: 1) &+ second.rotated(by: 7) &+ third.rotated(by: 12) &+ fourth.rotated(by: 18)
    return [first, second, third, fourth].reduce(sum) { hash, lane in
      (hash ^ Self.round(0, lane)) &* Self.primes.0 &+ Self.primes.3
    }
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    (lane &+ word &* primes.1).rotated(by: 31) &* primes.0
  }
}

extension UInt64 {
  @inline(__always)
  fileprivate func rotated(by bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  fileprivate func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
