import ServiceLifecycle

/// A service that is made and started once what it depends on has happened.
struct StartedAfter<Event: Sendable, Started: Service>: Service {
  let events: AsyncStream<Event>
  let make: @Sendable (Event) -> Started

  func run() async throws {
    let first = await cancelWhenGracefulShutdown { await events.first { _ in true } }
    guard let first else { return }
    try await make(first).run()
  }
}
