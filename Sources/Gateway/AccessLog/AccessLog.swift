import Synchronization

/// Lines on their way from the event loops, one for each call and check, to who writes them out.
///
/// A loop fills pieces of memory of its own and hands each over when it is full, or ten times a second. There are only so
/// many: while all of them wait to be written, lines are lost and counted, and no call waits.
package final class AccessLog: Sendable {
  /// Of all calls that are neither refused nor failed, which have a line each whatever this says.
  package enum Share: Sendable, Hashable {
    case all
    /// 0 to 1.
    case ratio(Double)
  }

  private struct Pieces: Sendable {
    var full: [AccessLogPiece] = []
    var free: [AccessLogPiece] = []
    var made = 0
  }

  private let pieces = Mutex(Pieces())
  private let maximumPieces: Int
  private let isThere: AsyncStream<Void>.Continuation
  private let threshold: UInt64
  private let written = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)
  /// Says that there may be something to write; ends when there will be nothing more.
  let arrivals: AsyncStream<Void>

  /// - Parameter pieces: How many there are, of 64 KiB each.
  package init(_ share: Share, pieces: Int = 128) {
    (arrivals, isThere) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    maximumPieces = pieces
    threshold =
      switch share {
      case .all: .max
      case .ratio(let ratio): ratio >= 1 ? .max : UInt64(max(0, ratio) * 0x1p64)
      }
  }

  /// How many lines were written, and how many were lost because nobody took them in time or there was no room for them.
  package var counts: (written: Int, dropped: Int) {
    (written.load(ordering: .relaxed), dropped.load(ordering: .relaxed))
  }

  /// Whether a call of which nothing is known yet has a line.
  func samples(using source: inout RequestIDSource) -> Bool { threshold == .max || source.next() < threshold }

  // MARK: The loops

  /// A piece to be filled; nil while all are.
  func takeFree() -> AccessLogPiece? {
    pieces.withLock { pieces in
      if let free = pieces.free.popLast() { return free }
      guard pieces.made < maximumPieces else { return nil }
      pieces.made += 1
      return AccessLogPiece()
    }
  }

  func handOver(_ piece: AccessLogPiece) {
    pieces.withLock { $0.full.append(piece) }
    isThere.yield()
  }

  func countDropped(_ lines: Int) { dropped.add(lines, ordering: .relaxed) }

  // MARK: Who writes

  /// What is to be written, in the order it was handed over.
  func takeFull() -> [AccessLogPiece] {
    pieces.withLock { pieces in
      defer { pieces.full = [] }
      return pieces.full
    }
  }

  func putBack(_ piece: AccessLogPiece) {
    piece.empty()
    pieces.withLock { $0.free.append(piece) }
  }

  func countWritten(_ lines: Int) { written.add(lines, ordering: .relaxed) }

  /// Has who writes look once more.
  func wake() { isThere.yield() }

  /// Nothing more comes.
  func finish() { isThere.finish() }
}

/// Whole lines, one after another.
///
/// Unchecked: it is one loop's, or its log's under the lock, or who writes; each hands it over and does not look back.
final class AccessLogPiece: @unchecked Sendable {
  static let capacity = 64 * 1024

  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private(set) var lines = 0

  init() { memory = .allocate(byteCount: Self.capacity, alignment: 16) }

  deinit { memory.deallocate() }

  var hasRoom: Bool { Self.capacity - count >= AccessLogLine.capacity }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  func append(_ line: AccessLogLine) {
    var writer = HeadWriter(
      UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + AccessLogLine.capacity)]))
    line.write(to: &writer)
    count += writer.count
    lines += 1
  }

  func empty() { (count, lines) = (0, 0) }
}

/// One event loop's end of the access log.
struct LoopAccessLog {
  let log: AccessLog
  private var piece: AccessLogPiece?

  init(_ log: AccessLog) { self.log = log }

  mutating func append(_ line: AccessLogLine) {
    if let piece, !piece.hasRoom { handOver(piece) }
    if piece == nil { piece = log.takeFree() }
    guard let piece else { return log.countDropped(1) }
    piece.append(line)
  }

  /// Hands over what there is.
  mutating func flush() {
    if let piece, piece.lines > 0 { handOver(piece) }
  }

  private mutating func handOver(_ piece: AccessLogPiece) {
    log.handOver(piece)
    self.piece = nil
  }
}
