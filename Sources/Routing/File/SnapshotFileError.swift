/// Why bytes are no snapshot that may be decided by.
package enum SnapshotFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not of this format, or of a machine with another order of bytes.
  case unknownFormat
  /// Of another version of the format.
  case otherVersion(UInt32)
  case truncated
  /// More follows where the end should be.
  case tooLong
  /// What was written is not what is read.
  case damaged
  /// A part of it says what cannot be.
  case impossible(String)

  package var description: String {
    switch self {
    case .unknownFormat: "it is no snapshot"
    case .otherVersion(let version): "it is of version \(version) of the format"
    case .truncated: "it is truncated"
    case .tooLong: "it goes on after its end"
    case .damaged: "its checksum is another"
    case .impossible(let part): "its \(part) cannot be"
    }
  }
}
