import Synchronization

/// The one answer to a job: given by the connection's thread, or by the caller's own cancellation, whichever is first.
final class Reply<Value: Sendable>: Interruption {
  private enum State {
    case waiting(CheckedContinuation<Value, any Error>?)
    case answered(Result<Value, any Error>)
    case delivered
  }

  private struct Progress {
    var state = State.waiting(nil)
    var isCancelled = false

    /// Takes the first answer; later ones find nobody waiting.
    mutating func settle(_ result: Result<Value, any Error>) -> CheckedContinuation<Value, any Error>? {
      guard case .waiting(let continuation) = state else { return nil }
      state = continuation == nil ? .answered(result) : .delivered
      return continuation
    }
  }

  private let progress = Mutex(Progress())

  var isCancelled: Bool { progress.withLock { $0.isCancelled } }

  /// Answers, unless the caller has been cancelled before.
  func resolve(_ result: Result<Value, any Error>) {
    let continuation = progress.withLock { $0.settle(result) }
    continuation?.resume(with: result)
  }

  /// The caller no longer waits: it gets its `CancellationError` at once, and the thread is to break off.
  func cancel() {
    let failure: Result<Value, any Error> = .failure(CancellationError())
    let continuation = progress.withLock { progress in
      progress.isCancelled = true
      return progress.settle(failure)
    }
    continuation?.resume(with: failure)
  }

  /// Waits for the answer.
  func value() async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let early: Result<Value, any Error>? = progress.withLock { progress in
        if case .answered(let result) = progress.state {
          progress.state = .delivered
          return result
        }
        progress.state = .waiting(continuation)
        return nil
      }
      if let early { continuation.resume(with: early) }
    }
  }
}

/// Something that may want the work of a connection's thread broken off.
protocol Interruption: Sendable {
  var isCancelled: Bool { get }
}
