import Model
import Routing

/// What was last known of the snapshot on disk, in a small file beside it: which one is the newest, and when that was
/// last known to be what the database has. An older one, put back or left behind, is known by it.
struct SnapshotMark: Equatable, Sendable {
  /// The newest state's number.
  var sequence: UInt64
  /// The checksum of the file that has that state; nil while no file has it.
  var checksum: UInt64?
  var confirmedAt: Moment
  /// Which node receipts count for it; nil before one was registered.
  var counted: CountedNode?
  /// Up to where the change feed was read without a change of that state.
  var position: [String]

  private static let title = "latchkey snapshot mark 3"
  /// A mark is much smaller; what is larger is none.
  private static let maximumLength = 1 << 16
}

extension SnapshotMark {
  /// A line for each part, the last one a hash of those before.
  var bytes: [UInt8] {
    let lines =
      [
        Self.title, "\(sequence)", checksum.map { "\($0)" } ?? "none", confirmedAt.line, counted?.line ?? "none",
      ] + position
    let text = lines.map { $0 + "\n" }.joined()
    return Array("\(text)\(Self.hash(text))\n".utf8)
  }

  /// `nil` unless these are the bytes of some mark.
  init?(bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.popLast() == "", let hash = lines.popLast(), lines.count >= 5, lines[0] == Self.title,
      hash == "\(Self.hash(lines.map { $0 + "\n" }.joined()))", let sequence = UInt64(lines[1]),
      let confirmedAt = Moment(line: lines[3])
    else { return nil }
    let checksum = UInt64(lines[2])
    let counted = CountedNode(line: lines[4])
    guard checksum != nil || lines[2] == "none", counted != nil || lines[4] == "none" else { return nil }
    (self.sequence, self.checksum) = (sequence, checksum)
    (self.confirmedAt, self.counted, position) = (confirmedAt, counted, Array(lines[5...]))
  }

  private static func hash(_ text: String) -> UInt64 {
    var hash = ContentHash()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return hash.value
  }
}

extension CountedNode {
  /// As a mark has it.
  fileprivate var line: String { "\(id) \(duration.components.seconds) \(since.line)" }

  fileprivate init?(line: String) {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, let id = ID<GatewayNode>(String(parts[0])), let seconds = Int64(parts[1]),
      let since = Moment(line: parts[2])
    else { return nil }
    self.init(id: id, since: since, duration: .seconds(seconds))
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
