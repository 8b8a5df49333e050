import Logging
import TestPostgres
import Testing

@testable import Postgres

private let logger = Logger(label: "test")

extension PostgresListener {
  /// The next event; nil after the last one.
  fileprivate func next() async -> Event? {
    for await event in events { return event }
    return nil
  }
}

@Suite(.database)
struct NotificationTests {
  private let configuration = TestDatabase.current.configuration

  /// Runs a listener until `body` returns.
  private func running(_ listener: PostgresListener, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      try await body()
      group.cancelAll()
    }
  }

  @Test func hearsItsChannels() async throws {
    let listener = PostgresListener(configuration, channels: ["one", "Two \"quoted\""], logger: logger)
    try await running(listener) {
      #expect(await listener.next() == .connected)
      try await SQLScript(#"NOTIFY other; NOTIFY one, 'hello'; NOTIFY "Two ""quoted""""#).run(on: configuration)
      #expect(await listener.next() == .notification(PostgresNotification(channel: "one", payload: "hello")))
      #expect(await listener.next() == .notification(PostgresNotification(channel: "Two \"quoted\"", payload: "")))
    }
  }

  @Test func comesBackAndSaysSo() async throws {
    let listener = PostgresListener(
      configuration.replacing(applicationName: "test listener"), channels: ["one"], logger: logger)
    try await running(listener) {
      for _ in 0..<3 {
        #expect(await listener.next() == .connected)
        try await SQLScript(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'test listener'
          """
        ).run(on: configuration)
      }
      #expect(await listener.next() == .connected)
      try await SQLScript("NOTIFY one").run(on: configuration)
      #expect(await listener.next() == .notification(PostgresNotification(channel: "one", payload: "")))
    }
  }

  @Test func endsItsEventsWhenItStops() async throws {
    let listener = PostgresListener(configuration, channels: ["one"], logger: logger)
    try await running(listener) { #expect(await listener.next() == .connected) }
    #expect(await listener.next() == nil)
  }

  @Test func sendsOnceWhatWasAskedForOften() async throws {
    let listener = PostgresListener(configuration, channels: ["one", "two", "last"], logger: logger)
    let notifier = PostgresNotifier(configuration, logger: logger)
    try await running(listener) {
      #expect(await listener.next() == .connected)
      // Asked for before it runs, so that all of it is pending at once.
      for _ in 0..<100 { notifier.notify("one") }
      notifier.notify("two")
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await notifier.run() }
        #expect(await listener.next() == .notification(PostgresNotification(channel: "one", payload: "")))
        #expect(await listener.next() == .notification(PostgresNotification(channel: "two", payload: "")))
        notifier.notify("last")
        #expect(await listener.next() == .notification(PostgresNotification(channel: "last", payload: "")))
        group.cancelAll()
      }
    }
  }

  @Test func sendsWhatIsPendingWhenItStops() async throws {
    let listener = PostgresListener(configuration, channels: ["one"], logger: logger)
    let notifier = PostgresNotifier(configuration, logger: logger)
    try await running(listener) {
      #expect(await listener.next() == .connected)
      notifier.notify("one")
      let run = Task { try await notifier.run() }
      run.cancel()
      try await run.value
      #expect(await listener.next() == .notification(PostgresNotification(channel: "one", payload: "")))
    }
  }
}

struct NotifierOutageTests {
  @Test func keepsWhatItCannotSend() async throws {
    let server = try await PrivateServer.start()
    var configuration = server.configuration
    configuration.waitDeadline = .milliseconds(100)
    await server.stop()
    let notifier = PostgresNotifier(configuration, logger: logger)
    let listener = PostgresListener(configuration, channels: ["one"], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      try await server.start()
      #expect(await listener.next() == .connected)
      await server.stop()
      group.addTask { try await notifier.run() }
      notifier.notify("one")
      try await server.start()
      // Sent when the notifier is back; if that is before the listener is, being connected again says the same.
      #expect(await listener.next() == .connected)
      group.cancelAll()
    }
    await server.remove()
  }
}
