package import Logging
package import Metering
import Model
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a node counted and the database has not, in files of the data directory: whatever ends the process loses nothing of
/// it. Where there is no such directory it is kept in memory.
///
/// Bounded: beyond its size the oldest goes, and is counted as lost.
package actor UsageSpool {
  private let directory: String?
  private let capacity: Int
  private let node = ID<GatewayNode>.random()
  private let log: UsageLog
  private let logger: Logger
  private var number: Int64 = 1
  private var open: OpenSegment?
  private var sealed: [UsageSegment] = []
  private let heldBytes = Atomic<Int>(0)

  /// - Parameters:
  ///   - dataDirectory: where this process alone keeps what is its own; nil for nowhere.
  ///   - capacity: how many bytes are kept while the database is away.
  ///   - log: where what is lost is counted.
  package init(in dataDirectory: String?, capacity: Int = 256 << 20, log: UsageLog, logger: Logger) {
    directory = dataDirectory.map { $0 + "/usage" }
    (self.capacity, self.log, self.logger) = (capacity, log, logger)
  }

  /// How many bytes wait to be told.
  package nonisolated var byteCount: Int { heldBytes.load(ordering: .relaxed) }

  /// Finds what earlier processes left.
  func start() {
    guard let directory else { return }
    do { sealed = try Self.segments(in: directory) } catch {
      logger.warning("what was counted of usage cannot be read", metadata: ["error": "\(error)"])
    }
    measure()
  }

  /// Keeps what was counted: from then on it outlives the process.
  ///
  /// - Throws: ``DiskError``; nothing of it is kept then.
  func append(_ table: UsageTable) throws {
    if open == nil { open = try OpenSegment(in: directory, of: node, number: number) }
    try open?.append(UsageRecord.bytes(of: table.rows))
  }

  /// What waits to be told, the oldest first. What is appended from now on is not part of it.
  ///
  /// - Parameter all: also what had better wait for more of its kind: what is alike within one segment is told once.
  func take(all: Bool) -> [UsageSegment] {
    if let open, all || open.isDue {
      sealed.append(open.sealed(of: node, number: number))
      number += 1
      self.open = nil
    }
    dropOldest()
    measure()
    return sealed
  }

  /// The database has it.
  func remove(_ segment: UsageSegment) {
    sealed.removeAll { $0.node == segment.node && $0.number == segment.number }
    if case .file(let file, _) = segment.content { unlink(file.path) }
    measure()
  }

  private func dropOldest() {
    var size = sealed.reduce(0) { $0 + $1.byteCount }
    while size > capacity, let oldest = sealed.first {
      log.lose((try? oldest.requests()) ?? 0)
      logger.error("usage is lost: more was counted than is kept while the database is away")
      size -= oldest.byteCount
      remove(oldest)
    }
  }

  private func measure() {
    heldBytes.store(sealed.reduce(0) { $0 + $1.byteCount }, ordering: .relaxed)
  }
}

extension UsageSpool {
  /// The files of a directory that are segments, those of one node in their order.
  private static func segments(in directory: String) throws -> [UsageSegment] {
    if mkdir(directory, 0o700) != 0, errno != EEXIST { throw DiskError(directory, "made") }
    guard let entries = opendir(directory) else { throw DiskError(directory, "read") }
    defer { closedir(entries) }
    var segments: [UsageSegment] = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if let segment = UsageSegment(name, in: directory) { segments.append(segment) }
    }
    return segments.sorted { ($0.node.description, $0.number) < ($1.node.description, $1.number) }
  }
}

/// The segment that is being written.
private struct OpenSegment {
  /// What is written, where that is into memory.
  private var bytes: [UInt8] = []
  private var file: (disk: DiskFile, descriptor: Int32)?
  private var byteCount = 0
  private let begun = ContinuousClock.now

  /// A little is told soon, and much as soon as it is old or very much.
  var isDue: Bool { byteCount < 256 << 10 || byteCount > 64 << 20 || begun.duration(to: .now) > .seconds(15) }

  init(in directory: String?, of node: ID<GatewayNode>, number: Int64) throws {
    guard let directory else { return }
    if mkdir(directory, 0o700) != 0, errno != EEXIST { throw DiskError(directory, "made") }
    let path = "\(directory)/\(UsageSegment.name(of: node, number))"
    let descriptor = openFile(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DiskError(path, "made") }
    file = (DiskFile(path: path), descriptor)
  }

  mutating func append(_ record: [UInt8]) throws {
    if let file {
      do { try file.disk.write(record, to: file.descriptor) } catch {
        // Half a record would be read as none; it need not be there either.
        ftruncate(file.descriptor, off_t(byteCount))
        throw error
      }
    } else {
      bytes += record
    }
    byteCount += record.count
  }

  func sealed(of node: ID<GatewayNode>, number: Int64) -> UsageSegment {
    guard let file else { return UsageSegment(node: node, number: number, content: .bytes(bytes)) }
    close(file.descriptor)
    return UsageSegment(node: node, number: number, content: .file(file.disk, byteCount: byteCount))
  }
}

extension UsageSegment {
  fileprivate static func name(of node: ID<GatewayNode>, _ number: Int64) -> String { "\(node).\(number)" }

  /// `nil` unless `name` is a segment's.
  fileprivate init?(_ name: String, in directory: String) {
    let parts = name.split(separator: ".")
    guard parts.count == 2, let node = ID<GatewayNode>(String(parts[0])), let number = Int64(parts[1]) else {
      return nil
    }
    let file = DiskFile(path: directory + "/" + name)
    guard let byteCount = try? file.read({ byteCount, _ in byteCount }) else { return nil }
    self.init(node: node, number: number, content: .file(file, byteCount: byteCount))
  }
}

private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
