import Model

/// Bytes on their way to a file: collected, hashed and handed on in large pieces.
///
/// Numbers are written in the machine's own order; a file does not move between machines.
final class FileOutput {
  /// What a file begins with: a machine of another order reads another number.
  static let magic: UInt64 = 0x3159_454B_4843_544C
  static let version: UInt32 = 8

  private static let pieceLength = 1 << 20

  private let sink: (UnsafeRawBufferPointer) throws -> Void
  private var pending: [UInt8] = []
  private var hash = ContentHash()

  /// - Parameter sink: Takes the bytes in their order.
  init(to sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
    self.sink = sink
    pending.reserveCapacity(Self.pieceLength)
    try write(Self.magic)
    try write(Self.version)
  }

  func write(_ value: some BitwiseCopyable) throws {
    try withUnsafeBytes(of: value) { try write(bytes: $0) }
  }

  /// Writes a count and the elements.
  func write<Element: BitwiseCopyable>(_ elements: [Element]) throws {
    try write(UInt32(elements.count))
    try elements.withUnsafeBytes { try write(bytes: $0) }
  }

  func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  private func write(bytes: UnsafeRawBufferPointer) throws {
    var bytes = bytes
    while pending.count + bytes.count >= Self.pieceLength {
      let room = Self.pieceLength - pending.count
      pending.append(contentsOf: bytes.prefix(room))
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(room))
      try flush()
    }
    pending.append(contentsOf: bytes)
  }

  private func flush() throws {
    try pending.withUnsafeBytes {
      hash.update($0)
      try sink($0)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Writes the hash of all that came before, which is the end. Returns it.
  func finish() throws -> UInt64 {
    try flush()
    let value = hash.value
    try withUnsafeBytes(of: value) { try sink($0) }
    return value
  }
}
