import Glibc

/// A thread for one piece of blocking work, so that neither the cooperative pool nor an event loop ever waits.
enum DedicatedThread {
  /// Runs `work` on a new thread and waits for what it returns. Cancellation does not interrupt it.
  static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start { continuation.resume(with: Result(catching: work)) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Starts a detached thread that ends with `body`.
  static func start(_ body: @escaping @Sendable () -> Void) throws {
    let work = Unmanaged.passRetained(Work(body: body))
    var thread = pthread_t()
    let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
      Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().runDetached()
    }
    let code = pthread_create(&thread, nil, run, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw EmbeddedPostgresError(.system, "A thread cannot be started: \(String(cString: strerror(code))).")
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) {
      self.body = body
    }

    func runDetached() -> UnsafeMutableRawPointer? {
      pthread_detach(pthread_self())
      body()
      return nil
    }
  }
}
