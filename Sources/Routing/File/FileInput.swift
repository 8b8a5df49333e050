import Model

/// Bytes read back from a file, with every length held against what is left before anything is made of it.
final class FileInput {
  private static let pieceLength = 1 << 20
  private static let hashLength = 8

  private let source: (UnsafeMutableRawBufferPointer) throws -> Int
  private let piece: UnsafeMutableRawBufferPointer
  /// Of the piece: what was not taken yet.
  private var unread = 0..<0
  /// How much of the content lies beyond the piece.
  private var beyond: Int
  private var hash = ContentHash()

  /// - Parameter byteCount: How many bytes the file has.
  /// - Parameter source: Fills the beginning of a buffer with the next bytes and says how many they are; 0 at the end.
  /// - Throws: ``SnapshotFileError``, or what the source throws.
  init(byteCount: Int, from source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) throws {
    self.source = source
    beyond = byteCount - Self.hashLength
    piece = .allocate(byteCount: Self.pieceLength, alignment: 16)
    guard beyond >= 12 else { throw SnapshotFileError.truncated }
    guard try integer(UInt64.self) == FileOutput.magic else { throw SnapshotFileError.unknownFormat }
    let version = try integer(UInt32.self)
    guard version == FileOutput.version else { throw SnapshotFileError.otherVersion(version) }
  }

  deinit { piece.deallocate() }

  private var remaining: Int { unread.count + beyond }

  func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) throws -> Value {
    var value = Value.zero
    try withUnsafeMutableBytes(of: &value) { try read(into: $0) }
    return value
  }

  /// As many elements as a count in front says.
  func array<Element: BitwiseCopyable>(of _: Element.Type = Element.self) throws -> [Element] {
    let count = Int(try integer(UInt32.self))
    guard count <= remaining / MemoryLayout<Element>.stride else { throw SnapshotFileError.truncated }
    return try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(
        into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count * MemoryLayout<Element>.stride))
      initialized = count
    }
  }

  /// A count of parts, none of which has fewer bytes than `minimum`.
  func count(ofAtLeast minimum: Int) throws -> Int {
    let count = Int(try integer(UInt32.self))
    guard count <= remaining / minimum else { throw SnapshotFileError.truncated }
    return count
  }

  func text() throws -> String {
    guard let text = String(validating: try array(of: UInt8.self), as: UTF8.self) else {
      throw SnapshotFileError.impossible("text")
    }
    return text
  }

  private func read(into destination: UnsafeMutableRawBufferPointer) throws {
    guard destination.count <= remaining else { throw SnapshotFileError.truncated }
    var filled = 0
    while filled < destination.count {
      if unread.isEmpty { try refill() }
      let count = min(unread.count, destination.count - filled)
      destination[filled..<filled + count].copyBytes(from: piece[unread.lowerBound..<unread.lowerBound + count])
      unread = unread.lowerBound + count..<unread.upperBound
      filled += count
    }
  }

  private func refill() throws {
    let wanted = min(piece.count, beyond)
    let count = try fill(piece, wanted)
    guard count == wanted else { throw SnapshotFileError.truncated }
    hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    beyond -= count
    unread = 0..<count
  }

  /// Reads until there are `wanted` bytes or there is no more.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, _ wanted: Int) throws -> Int {
    var filled = 0
    while filled < wanted {
      let count = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<wanted]))
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }

  /// Holds the hash at the end against what was read, all of which has to be taken. Returns it.
  func finish() throws -> UInt64 {
    guard remaining == 0 else { throw SnapshotFileError.tooLong }
    guard try fill(piece, Self.hashLength) == Self.hashLength else { throw SnapshotFileError.truncated }
    let value = hash.value
    guard piece.load(as: UInt64.self) == value else { throw SnapshotFileError.damaged }
    guard try fill(piece, 1) == 0 else { throw SnapshotFileError.tooLong }
    return value
  }
}
