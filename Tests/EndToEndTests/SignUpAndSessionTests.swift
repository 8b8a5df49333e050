import Contract
import Foundation
import Model
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// What the settings of sign-up and sessions do to the running binary.
@Suite(.database, .timeLimit(.minutes(10))) struct SignUpAndSessionTests {
  private static let signUp = #"""
    {"name": "Acme", "slug": "acme", "owner": {"email": "jo@acme.example", "name": "Jo", "password": "correct horse battery"}}
    """#

  private func signUp(_ environment: [String: String]) async throws -> Answer {
    let environment = TestDatabase.current.configuration.environment.merging(["LATCHKEY_LOCAL": "0"]) { $1 }
      .merging(environment) { $1 }
    return try await RunningLatchkey.with(role: "console", environment: environment) { running in
      try await Caller.call(
        .POST, "http://\(running.address(of: "console"))/v1/tenants", headers: [("Content-Type", "application/json")],
        body: Self.signUp)
    }
  }

  @Test(arguments: [
    ([:], 403), (["LATCHKEY_SIGNUP": "closed"], 403), (["LATCHKEY_SIGNUP": "open"], 201),
    (["LATCHKEY_LOCAL": "1"], 201), (["LATCHKEY_LOCAL": "1", "LATCHKEY_SIGNUP": "closed"], 403),
  ])
  func takesTenantsOnlyWhereThatIsOpen(environment: [String: String], status: Int) async throws {
    let answer = try await signUp(environment)
    #expect(answer.status == status)
    if status == 403 { #expect(try answer.json["code"] == "sign_up_closed") }
  }

  @Test(arguments: [([:], 604_800.0), (["LATCHKEY_SESSION_LIFETIME": "90m"], 5_400)] as [([String: String], Double)])
  func endsSessionsWhenItIsTold(environment: [String: String], lifetime: Double) async throws {
    let answer = try await signUp(environment.merging(["LATCHKEY_SIGNUP": "open"]) { $1 })
    let expiry = try #require(try answer.json["expiresAt"]?.text.flatMap { RFC3339.date($0) })
    #expect(abs(expiry.timeIntervalSinceNow - lifetime) < 60)
  }

  @Test(arguments: [([:], "08:00:00"), (["LATCHKEY_SESSION_IDLE": "30m"], "00:30:00")] as [([String: String], String)])
  func endsIdleSessionsWhenItIsTold(environment: [String: String], timeout: String) async throws {
    #expect(try await signUp(environment.merging(["LATCHKEY_SIGNUP": "open"]) { $1 }).status == 201)
    let kept = try await TestDatabase.current.withPool { pool in
      try await pool.only(Query<String>("test.idle_timeout", "SELECT idle_timeout::text FROM sessions"))
    }
    #expect(kept == timeout)
  }
}
