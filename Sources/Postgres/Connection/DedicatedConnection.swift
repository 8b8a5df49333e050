/// A connection outside of any pool, for one piece of work.
enum DedicatedConnection {
  /// Opens a connection, lends it to `body` and closes it.
  static func with<Value>(
    _ configuration: PostgresConfiguration, _ body: (ConnectionThread) async throws -> Value
  ) async throws -> Value {
    let opened = Reply<Void>()
    let closed = Reply<Void>()
    let thread = try ConnectionThread(
      configuration,
      events: ConnectionEvents(
        opened: { failure in opened.resolve(failure.map { .failure($0) } ?? .success(())) },
        idle: { _ in .check },
        checked: {},
        closed: { closed.resolve(.success(())) }))
    thread.begin()
    do {
      try await withTaskCancellationHandler {
        try await opened.value()
      } onCancel: {
        opened.cancel()
      }
      let value = try await body(thread)
      thread.close()
      try await closed.value()
      return value
    } catch {
      thread.close()
      throw error
    }
  }
}
