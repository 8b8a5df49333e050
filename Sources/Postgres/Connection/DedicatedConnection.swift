/// A connection outside of any pool, for one piece of work.
enum DedicatedConnection {
  /// Tells when a connection is gone.
  struct End: Sendable {
    fileprivate let reply: Reply<Void>

    /// Waits until the connection breaks.
    ///
    /// - Throws: ``PostgresError`` with code `connectionLost`, or `CancellationError`.
    func waitUntilLost() async throws -> Never {
      try await withTaskCancellationHandler {
        try await reply.value()
      } onCancel: {
        reply.cancel()
      }
      throw PostgresError(.connectionLost)
    }
  }

  /// Opens a connection, lends it to `body` and closes it.
  static func with<Value>(
    _ configuration: PostgresConfiguration, notified: @escaping @Sendable (PostgresNotification) -> Void = { _ in },
    _ body: (ConnectionThread, End) async throws -> Value
  ) async throws -> Value {
    let opened = Reply<Void>()
    let lost = Reply<Void>()
    let closed = Reply<Void>()
    let thread = try ConnectionThread(
      configuration,
      events: ConnectionEvents(
        opened: { failure in opened.resolve(failure.map { .failure($0) } ?? .success(())) },
        idle: { _ in .check },
        checked: {},
        closed: {
          lost.resolve(.success(()))
          closed.resolve(.success(()))
        },
        notified: notified))
    thread.begin()
    do {
      try await withTaskCancellationHandler {
        try await opened.value()
      } onCancel: {
        opened.cancel()
      }
      let value = try await body(thread, End(reply: lost))
      thread.close()
      try await closed.value()
      return value
    } catch {
      thread.close()
      // Whoever is cancelled does not wait for a server that may not answer.
      if !Task.isCancelled { try? await closed.value() }
      throw error
    }
  }
}
