import Routing

/// What was last known of the snapshot on disk, in a small file beside it: which one is the newest, and when that was
/// last known to be what the database has. An older one, put back or left behind, is known by it.
struct SnapshotMark: Equatable, Sendable {
  /// The newest state's number.
  var sequence: UInt64
  /// The checksum of the file that has that state; nil while no file has it.
  var checksum: UInt64?
  var confirmedAt: Moment
  /// Up to where the change feed was read without a change of that state.
  var position: [String]

  private static let title = "latchkey snapshot mark 2"
  /// A mark is much smaller; what is larger is none.
  private static let maximumLength = 1 << 16
}

extension SnapshotMark {
  /// A line for each part, the last one a hash of those before.
  var bytes: [UInt8] {
    let lines =
      [
        Self.title, "\(sequence)", checksum.map { "\($0)" } ?? "none", "\(confirmedAt.wall.microseconds)",
        "\(confirmedAt.boot.nanoseconds)", confirmedAt.bootID,
      ] + position
    let text = lines.map { $0 + "\n" }.joined()
    return Array("\(text)\(Self.hash(text))\n".utf8)
  }

  /// `nil` unless these are the bytes of some mark.
  init?(bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.popLast() == "", let hash = lines.popLast(), lines.count >= 6, lines[0] == Self.title,
      hash == "\(Self.hash(lines.map { $0 + "\n" }.joined()))", let sequence = UInt64(lines[1]),
      let wall = Int64(lines[3]), let boot = Int64(lines[4])
    else { return nil }
    let checksum = UInt64(lines[2])
    guard checksum != nil || lines[2] == "none" else { return nil }
    (self.sequence, self.checksum) = (sequence, checksum)
    confirmedAt = Moment(wall: UnixTime(microseconds: wall), boot: BootTime(nanoseconds: boot), bootID: lines[5])
    position = Array(lines[6...])
  }

  private static func hash(_ text: String) -> UInt64 {
    var hash = ContentHash()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return hash.value
  }
}

extension SnapshotMark {
  /// - Throws: ``DiskError``.
  func write(to file: DiskFile) throws {
    let bytes = bytes
    try file.replace { write in try bytes.withUnsafeBytes { try write($0) } }
  }

  /// The mark in `file`; nil where there is none.
  ///
  /// - Throws: ``DiskError``, also when the file is no mark.
  static func read(from file: DiskFile) throws -> SnapshotMark? {
    let bytes = try file.read { count, source in
      guard count <= maximumLength else { throw DiskError("\(file.path) is no mark") }
      return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
          let read = try source(
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
          guard read > 0 else { break }
          filled += read
        }
      }
    }
    guard let bytes else { return nil }
    guard let mark = SnapshotMark(bytes: bytes) else { throw DiskError("\(file.path) is damaged") }
    return mark
  }
}
