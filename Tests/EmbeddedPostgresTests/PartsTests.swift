import Logging
import Testing

@testable import EmbeddedPostgres

/// The pieces that need no server.
@Suite struct PartsTests {
  @Test func backsOffTwiceAsLongEachTime() {
    var backoff = RestartBackoff()
    backoff.longest = .milliseconds(300)
    let delays = (1...4).map { _ in backoff.delay(afterRunning: .seconds(1)) }
    #expect(delays == [.milliseconds(100), .milliseconds(200), .milliseconds(300), .milliseconds(300)])
    #expect(backoff.delay(afterRunning: .seconds(60)) == .milliseconds(100))
    #expect(backoff.delay(afterRunning: .seconds(1)) == .milliseconds(200))
  }

  @Test(
    arguments: [
      ("77\n/d\n1\n5432\n/s\n\n1 2\nready   \n", 77, true),
      ("77\n/d\n1\n5432\n/s\n\n1 2\nstarting\n", 77, false),
      ("77\n", 77, false),
      ("-77\n", nil, false),
      ("1\n", nil, false),
      ("", nil, false),
      ("x\n", nil, false),
    ] as [(String, Int32?, Bool)])
  func readsThePostmasterFile(text: String, pid: Int32?, isReady: Bool) {
    let file = PostmasterFile(parsing: text)
    #expect(file?.pid == pid)
    #expect(file?.isReady ?? false == isReady)
  }

  @Test(
    arguments: [
      ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15),
      ("postgres (PostgreSQL) 18beta1", 18),
      ("postgres (PostgreSQL) ", nil),
      ("initdb (PostgreSQL) 15.18", nil),
    ] as [(String, Int?)])
  func readsTheVersion(line: String, major: Int?) {
    #expect(Installation.majorVersion(in: line) == major)
  }

  @Test(
    arguments: [
      ("LOG:  database system is ready to accept connections", .debug),
      ("FATAL:  password authentication failed", .debug),
      ("WARNING:  could not flush dirty data", .warning),
      ("PANIC:  could not write to file", .error),
      ("postgres: could not find the database system", .warning),
    ] as [(String, Logger.Level)])
  func ranksTheServersLines(line: String, level: Logger.Level) {
    #expect(ServerReport.level(of: line) == level)
  }

  @Test func encodesLoginsInConnectionStrings() {
    let endpoint = Endpoint(socketDirectory: "/tmp/a b", password: "secret")
    #expect(
      endpoint.connectionString(user: "o'w:n@er", password: "p/?&%é")
        == "postgresql://o%27w%3An%40er:p%2F%3F%26%25%C3%A9@/latchkey?host=%2Ftmp%2Fa%20b&port=5432")
  }

  @Test func refusesASocketPathThatIsTooLong() throws {
    let user = try #require(ServerUser(uid: 0))
    #expect(throws: EmbeddedPostgresError.self) {
      try SocketDirectory(in: "/" + String(repeating: "x", count: 80), for: user)
    }
  }

  @Test func wakesEveryWaiterOnceTheValueIsThere() async {
    let outcome = Outcome<Int>()
    async let first = outcome.value()
    async let second = outcome.value()
    outcome.settle(1)
    outcome.settle(2)
    #expect(await [first, second, outcome.value()] == [1, 1, 1])
  }

  @Test func wakesACancelledWaiter() async {
    let outcome = Outcome<Int>()
    let waiter = Task { await outcome.value() }
    waiter.cancel()
    #expect(await waiter.value == nil)
    #expect(outcome.current == nil)
  }
}
