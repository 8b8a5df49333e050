import Dispatch
package import Logging
package import Routing
import ServiceLifecycle
import Synchronization

/// Keeps the node's newest snapshot on disk, so that the node can start from it with the database away.
///
/// A change is followed by a mark at once, which tells that the file is no longer the newest, and by a new file soon:
/// what was revoked is never let in again by a file that did not know it yet. In between, and only then, a node that
/// crashes cannot start without the database. Everything happens on a thread of its own.
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

  private struct State {
    var latest: Latest?
    var mark: SnapshotMark?
    /// The number of the snapshot that the file has; 0 for none.
    var written = 0
    var isFailing = false

    /// Whether the node decides by another snapshot than the file has.
    var isBehind: Bool { latest.map { $0.number != written } ?? false }
  }

  /// What the node decides by now.
  private struct Latest {
    var reading: SnapshotFeed.Reading
    var confirmedAt: Moment
    /// Counts the snapshots of this process: which one it is can be told without keeping it alive.
    var number: Int
  }

  private let folder: SnapshotFolder
  private let configuration: Configuration
  private let logger: Logger
  private let now: @Sendable () -> UnixTime
  private let state = Mutex(State())
  private let disk = DispatchQueue(label: "latchkey.snapshot", qos: .utility)
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

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
    (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  deinit { folder.release() }

  /// A snapshot that was read from disk.
  package struct Stored: Sendable {
    let reading: SnapshotFeed.Reading
    /// When it was last known to be what the database has.
    let confirmedAt: Moment
  }

  /// What was kept; nil where nothing was, or nothing that may be decided by, which the log then tells.
  package func load() async -> Stored? {
    do {
      guard let contents = try await onDisk({ [folder] in try folder.read() }) else { return nil }
      state.withLock { state in
        state.mark = contents.mark
        state.latest = Latest(reading: contents.reading, confirmedAt: contents.confirmedAt, number: 1)
        state.written = 1
      }
      return Stored(reading: contents.reading, confirmedAt: contents.confirmedAt)
    } catch {
      logger.warning("the snapshot on disk is not used", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  /// Says what the node decides by, and that it was what the database had at `confirmedAt`.
  func note(_ reading: SnapshotFeed.Reading, confirmedAt: Moment) {
    let hasChanged = state.withLock { state in
      let former = state.latest
      let isSame = former?.reading.snapshot === reading.snapshot
      let number = isSame ? former!.number : (former?.number ?? 0) + 1
      state.latest = Latest(reading: reading, confirmedAt: confirmedAt, number: number)
      return number != state.written
    }
    if hasChanged { wake.yield() }
  }

  /// Keeps up until the graceful shutdown, or cancellation, and then writes what is not written yet.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.keepUp() }
    await write()
  }

  private func keepUp() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [wake, configuration] in
        while (try? await Task.sleep(for: configuration.markInterval)) != nil { wake.yield() }
      }
      var (nextWrite, isWaiting) = (ContinuousClock.now, false)
      for await _ in wakes {
        await markChange()
        if .now >= nextWrite {
          isWaiting = false
          nextWrite = .now + (await writeAndPause())
        } else if !isWaiting, state.withLock({ $0.isBehind }) {
          isWaiting = true
          group.addTask { [wake, nextWrite] in
            if (try? await Task.sleep(until: nextWrite)) != nil { wake.yield() }
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Writes, marks what has changed meanwhile, and tells how long nothing is to be written then.
  private func writeAndPause() async -> Duration {
    let start = ContinuousClock.now
    await write(isLast: false)
    let duration = .now - start
    await markChange()
    let isFailing = state.withLock { $0.isFailing }
    return isFailing
      ? configuration.retryPause : max(configuration.minimumPause, duration * configuration.pauseFactor)
  }
}

// MARK: - On disk

extension SnapshotKeeper {
  /// Marks the file as no longer the newest, if the node decides by another snapshot and that is not marked yet.
  func markChange() async {
    let outdated = state.withLock { state -> SnapshotMark? in
      guard let latest = state.latest, latest.number != state.written, var mark = state.mark, mark.checksum != nil
      else {
        return nil
      }
      (mark.sequence, mark.checksum) = (nextSequence(after: mark), nil)
      return mark
    }
    guard let outdated else { return }
    do {
      try await onDisk { [folder] in try folder.write(outdated) }
      state.withLock { $0.mark = outdated }
      succeed()
    } catch {
      fail(error)
      // Then the file itself must not be there to be taken for the newest.
      try? await onDisk { [folder] in folder.removeSnapshot() }
    }
  }

  /// Writes the node's snapshot where the file has another one, and else, now and then and at last, that it still is
  /// what the database has.
  func write(isLast: Bool = true) async {
    let (latest, mark, written) = state.withLock { ($0.latest, $0.mark, $0.written) }
    guard let latest else { return }
    do {
      if latest.number == written, var mark, mark.checksum != nil {
        let age = mark.confirmedAt.age(at: latest.confirmedAt) ?? .seconds(Int64.max)
        guard age >= (isLast ? .microseconds(1) : configuration.markInterval) else { return }
        (mark.confirmedAt, mark.position) = (latest.confirmedAt, latest.reading.position.parts)
        try await onDisk { [folder, mark] in try folder.write(mark) }
        state.withLock { $0.mark = mark }
      } else {
        let sequence = nextSequence(after: mark)
        let newest = try await onDisk { [folder] in
          try folder.write(latest.reading, sequence: sequence, confirmedAt: latest.confirmedAt)
        }
        state.withLock { ($0.mark, $0.written) = (newest, latest.number) }
      }
      succeed()
    } catch {
      fail(error)
    }
  }

  /// Larger than all before, also where it is not known any more how large those were.
  private func nextSequence(after mark: SnapshotMark?) -> UInt64 {
    max((mark?.sequence ?? 0) &+ 1, UInt64(clamping: now().microseconds))
  }

  private func succeed() {
    let wasFailing = state.withLock { state in
      defer { state.isFailing = false }
      return state.isFailing
    }
    if wasFailing { logger.notice("the snapshot is kept on disk again") }
  }

  private func fail(_ error: any Error) {
    let wasFailing = state.withLock { state in
      defer { state.isFailing = true }
      return state.isFailing
    }
    logger.log(
      level: wasFailing ? .debug : .warning, "the snapshot cannot be kept on disk", metadata: ["error": "\(error)"])
  }

  private func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      disk.async { continuation.resume(with: Result(catching: work)) }
    }
  }
}
