import Routing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The snapshot's files in a data directory, which one process at a time may have.
struct SnapshotFolder: Sendable {
  private let snapshot, mark: DiskFile
  /// The database that the node was told to read: what comes from another is not ours.
  private let origin: String
  private let lock: FolderLock

  /// Makes the directory where there is none, and takes it.
  ///
  /// - Throws: ``DiskError``, also when another process has it.
  init(_ directory: String, origin: String) throws {
    if mkdir(directory, 0o700) != 0, errno != EEXIST { throw DiskError(directory, "made") }
    lock = try FolderLock(directory + "/snapshot.lock")
    snapshot = DiskFile(path: directory + "/snapshot")
    mark = DiskFile(path: directory + "/snapshot.mark")
    self.origin = origin
  }

  /// What is kept, and what is known of the newest.
  struct Contents {
    let reading: SnapshotFeed.Reading
    let mark: SnapshotMark
  }

  /// Why what is there must not be used.
  enum Unusable: Error, CustomStringConvertible {
    case foreign
    case older
    case unmarked

    var description: String {
      switch self {
      case .foreign: "it is of another database"
      case .older: "it is not the newest that this node had"
      case .unmarked: "its mark is missing, so it is not known to be the newest that this node had"
      }
    }
  }

  /// Reads what is kept; nil where nothing is.
  ///
  /// - Throws: ``DiskError``, ``Unusable``, `SnapshotFileError`.
  func read() throws -> Contents? {
    let mark = try SnapshotMark.read(from: mark)
    return try snapshot.read { byteCount, source in
      let decoder = try SnapshotDecoder(byteCount: byteCount, from: source)
      let provenance = decoder.provenance
      guard provenance.origin == origin else { throw Unusable.foreign }
      guard var mark else { throw Unusable.unmarked }
      guard provenance.sequence >= mark.sequence else { throw Unusable.older }
      let (snapshot, checksum) = try decoder.snapshot()
      if provenance.sequence == mark.sequence {
        guard mark.checksum == checksum else { throw Unusable.older }
      } else {
        // Written in the last moment before a crash, and later than the mark says anything was confirmed.
        (mark.sequence, mark.checksum, mark.position) = (provenance.sequence, checksum, provenance.position)
      }
      guard let position = FeedPosition(parts: mark.position) else { throw SnapshotFileError.impossible("position") }
      return Contents(reading: SnapshotFeed.Reading(snapshot: snapshot, position: position), mark: mark)
    }
  }

  /// The highest sequence number that a mark has told; 0 where there is none that can be read.
  func lastSequence() -> UInt64 {
    (try? SnapshotMark.read(from: mark))?.sequence ?? 0
  }

  /// Replaces what is kept.
  /// - Returns: the file's checksum, for its mark.
  func write(_ reading: SnapshotFeed.Reading, sequence: UInt64) throws -> UInt64 {
    let provenance = SnapshotProvenance(sequence: sequence, origin: origin, position: reading.position.parts)
    return try snapshot.replace { write in try reading.snapshot.write(provenance, to: write) }
  }

  func write(_ mark: SnapshotMark) throws {
    try mark.write(to: self.mark)
  }

  /// Keeps nothing any more.
  ///
  /// - Throws: ``DiskError``; it is not known then whether the file comes back after a crash.
  func removeSnapshot() throws { try snapshot.remove() }

  /// Lets another process have the directory.
  func release() { lock.release() }
}

/// An exclusive lock that ends with the process (flock(2)).
private final class FolderLock: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    // Not to be written, so that a disk which has become one to be read only can still be had.
    descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DiskError(path, "opened") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(descriptor) }
      throw errno == EWOULDBLOCK ? DiskError("\(path) is another process's") : DiskError(path, "locked")
    }
  }

  deinit { close(descriptor) }

  /// Gives the lock back, also where a child that is about to be another program still has our files open.
  func release() { flock(descriptor, LOCK_UN) }
}

extension FeedPosition {
  /// As a file has them.
  var parts: [String] { [snapshot, history, run, horizon] }

  init?(parts: [String]) {
    guard parts.count == 4 else { return nil }
    self.init(snapshot: parts[0], history: parts[1], run: parts[2], horizon: parts[3])
  }
}
