import Dispatch
package import Logging
import Model
package import Routing
import ServiceLifecycle
import Synchronization

/// Keeps the node's newest snapshot on disk, so that the node can start from it with the database away.
///
/// A change is followed by a mark at once, which tells that the file is no longer the newest, and by a new file soon. No
/// change is confirmed before its mark is on disk: what was revoked is never let in again by a file that did not know it
/// yet. In between, and only then, a node that crashes cannot start without the database. Everything happens on threads of
/// its own, one for files and one for marks, so that a change never waits for a file of millions of keys.
package final class SnapshotKeeper: Service {
  /// How often it writes.
  package struct Configuration: Sendable {
    /// The least time between two files.
    package var minimumPause: Duration
    /// Of the time, writing takes no more than one in this many parts.
    package var pauseFactor: Int
    /// How often it is noted that the file is still what the database has.
    package var markInterval: Duration
    /// How long after a failure the disk is tried again.
    package var retryPause: Duration

    package init(
      minimumPause: Duration = .milliseconds(500), pauseFactor: Int = 20, markInterval: Duration = .seconds(5),
      retryPause: Duration = .seconds(10)
    ) {
      (self.minimumPause, self.pauseFactor) = (minimumPause, pauseFactor)
      (self.markInterval, self.retryPause) = (markInterval, retryPause)
    }
  }

  private let folder: SnapshotFolder
  private let configuration: Configuration
  private let logger: Logger
  private let now: @Sendable () -> UnixTime
  private let state = Mutex(KeptState())
  private let isFailing = Mutex(false)
  private let isStuck = Mutex(false)
  private let files = DispatchQueue(label: "latchkey.snapshot", qos: .utility)
  private let marks = DispatchQueue(label: "latchkey.snapshot.mark", qos: .userInitiated)
  /// That there may be something to write, to mark, or to be told of as settled.
  private let (wakes, changes, settlements) = (Wakes(), Wakes(), Wakes())

  private struct Wakes {
    let stream: AsyncStream<Void>
    let wake: AsyncStream<Void>.Continuation
    init() { (stream, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }
  }

  /// - Parameters:
  ///   - directory: Where the files are; made if it is not there.
  ///   - origin: The database that the node was told to read, without anything secret.
  ///   - now: The time of files that have no later one.
  /// - Throws: ``DiskError``, also when another process keeps its snapshot there.
  package init(
    in directory: String, of origin: String, configuration: Configuration = Configuration(), logger: Logger,
    now: @escaping @Sendable () -> UnixTime
  ) throws {
    folder = try SnapshotFolder(directory, origin: origin)
    (self.configuration, self.logger, self.now) = (configuration, logger, now)
  }

  deinit { folder.release() }

  /// A snapshot that was read from disk.
  package struct Stored: Sendable {
    let reading: SnapshotFeed.Reading
    /// When it was last known to be what the database has.
    let confirmedAt: Moment
    /// Which node receipts count for it; nil before one was registered.
    package let counted: CountedNode?
  }

  /// What was kept; nil where nothing was, or nothing that may be decided by, which the log then tells.
  package func load() async -> Stored? {
    do {
      if let contents = try await on(marks, { [folder] in try folder.read() }) {
        state.withLock { $0.found(contents) }
        let mark = contents.mark
        return Stored(reading: contents.reading, confirmedAt: mark.confirmedAt, counted: mark.counted)
      }
    } catch {
      logger.warning("the snapshot on disk is not used", metadata: ["reason": "\(error)"])
    }
    let last = folder.lastSequence()
    state.withLock { $0.foundNothing(lastSequence: last) }
    return nil
  }

  /// Says what the node decides by, and that it was what the database had at `confirmedAt`.
  /// - Returns: what ``waitUntilSettled(_:)`` takes.
  @discardableResult
  func note(_ reading: SnapshotFeed.Reading, confirmedAt: Moment) -> Int {
    let (number, isBehind) = state.withLock { ($0.note(reading, confirmedAt: confirmedAt), $0.isBehind) }
    if isBehind {
      changes.wake.yield()
      wakes.wake.yield()
    }
    return number
  }

  /// The database knows of this node, which speaks for what is on disk from now on.
  func count(_ node: CountedNode) {
    let isNew = state.withLock { state in
      defer { state.count(node) }
      return state.counted?.id != node.id
    }
    guard isNew else { return }
    changes.wake.yield()
    wakes.wake.yield()
  }

  /// Whether no later process can start from disk as another node than this one.
  func isMarked(as node: ID<GatewayNode>) -> Bool { state.withLock { $0.isMarked(as: node) } }

  /// Returns once no later process can start from an older snapshot than the one with this number, or when the task is
  /// cancelled. For one who waits at a time.
  func waitUntilSettled(_ number: Int) async {
    while !isSettled(number), !Task.isCancelled {
      for await _ in settlements.stream { break }
    }
  }

  func isSettled(_ number: Int) -> Bool { state.withLock { $0.settled } >= number }

  /// Keeps up until the graceful shutdown, or cancellation, and then writes what is not written yet.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.keepUp() }
    await settle()
    await write()
  }

  private func keepUp() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [wakes, changes, configuration] in
        while (try? await Task.sleep(for: configuration.markInterval)) != nil {
          changes.wake.yield()
          wakes.wake.yield()
        }
      }
      group.addTask { [changes] in for await _ in changes.stream { await self.settle() } }
      await writeFiles()
      group.cancelAll()
    }
  }

  private func writeFiles() async {
    await withTaskGroup(of: Void.self) { group in
      var (nextWrite, isWaiting) = (ContinuousClock.now, false)
      for await _ in wakes.stream {
        if .now >= nextWrite {
          isWaiting = false
          nextWrite = .now + (await writeAndPause())
        } else if !isWaiting, state.withLock({ $0.isBehind }) {
          isWaiting = true
          group.addTask { [wakes, nextWrite] in
            if (try? await Task.sleep(until: nextWrite)) != nil { wakes.wake.yield() }
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Writes, and tells how long nothing is to be written then.
  private func writeAndPause() async -> Duration {
    let start = ContinuousClock.now
    await write(isLast: false)
    let duration = .now - start
    return isFailing.withLock { $0 }
      ? configuration.retryPause : max(configuration.minimumPause, duration * configuration.pauseFactor)
  }
}

// MARK: - On disk

extension SnapshotKeeper {
  /// Settles what the node decides by now, if it is not yet: marks the file as old, or else removes it.
  func settle() async {
    do {
      try await on(marks) { [self] in try settleNow() }
      isStuck.withLock { $0 = false }
      settlements.wake.yield()
    } catch {
      let wasStuck = isStuck.withLock { isStuck in
        defer { isStuck = true }
        return isStuck
      }
      logger.log(
        level: wasStuck ? .debug : .error,
        "the snapshot on disk can neither be marked as old nor removed, so no change is confirmed",
        metadata: ["error": "\(error)"])
    }
  }

  /// Writes the node's snapshot where the file has another one, and else, now and then and at last, that it still is
  /// what the database has.
  func write(isLast: Bool = true) async {
    if state.withLock({ $0.mark == nil }) { await settle() }
    do {
      let draft = state.withLock { $0.mark == nil ? nil : $0.beginDraft(at: now()) }
      if let draft {
        defer { state.withLock { $0.endDraft() } }
        let checksum = try await on(files) { [folder] in
          try folder.write(draft.latest.reading, sequence: draft.sequence)
        }
        try await on(marks) { [self] in try mark(draft, checksum) }
      } else {
        try await on(marks) { [self] in try renewMark(after: isLast ? .microseconds(1) : configuration.markInterval) }
      }
      succeed()
    } catch {
      fail(error)
    }
    settlements.wake.yield()
  }

  // What follows happens on the queue for marks, one after the other: each is written by what the one before has left.

  private func settleNow() throws {
    guard let (mark, number) = state.withLock({ $0.settlingMark(at: now()) }) else { return }
    do {
      // A file that nobody could start from is none to be marked.
      if state.withLock({ $0.mark == nil }) { try folder.removeSnapshot() }
      try folder.write(mark)
      state.withLock { $0.marked(mark, settling: number) }
      succeed()
    } catch {
      fail(error)
      // Then the file itself must not be there to be taken for the newest.
      try folder.removeSnapshot()
      state.withLock { $0.removed(settling: number) }
    }
  }

  private func mark(_ draft: KeptState.Draft, _ checksum: UInt64) throws {
    guard let mark = state.withLock({ $0.mark(of: draft, checksum: checksum) }) else { return }
    try folder.write(mark)
    state.withLock { $0.kept(draft, by: mark) }
  }

  private func renewMark(after interval: Duration) throws {
    guard let mark = state.withLock({ $0.renewedMark(after: interval) }) else { return }
    try folder.write(mark)
    state.withLock { $0.marked(mark, settling: 0) }
  }

  private func succeed() {
    let wasFailing = isFailing.withLock { isFailing in
      defer { isFailing = false }
      return isFailing
    }
    if wasFailing { logger.notice("the snapshot is kept on disk again") }
  }

  private func fail(_ error: any Error) {
    let wasFailing = isFailing.withLock { isFailing in
      defer { isFailing = true }
      return isFailing
    }
    logger.log(
      level: wasFailing ? .debug : .warning, "the snapshot cannot be kept on disk", metadata: ["error": "\(error)"])
  }

  private func on<Value: Sendable>(
    _ queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let work = Work(work)
    return try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result(catching: work.perform)) }
    }
  }
}

/// Something to do once. Whatever it holds is let go of before anybody hears that it is done: the keeper, and with it the
/// directory's lock.
private final class Work<Value: Sendable>: Sendable {
  private let body: Mutex<(@Sendable () throws -> Value)?>

  init(_ body: @escaping @Sendable () throws -> Value) { self.body = Mutex(body) }

  func perform() throws -> Value {
    guard let body = body.withLock({ $0.take() }) else { throw CancellationError() }
    return try body()
  }
}
