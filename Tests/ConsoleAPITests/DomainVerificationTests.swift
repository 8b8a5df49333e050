import Contract
import HTTPTypes
import Model
import Postgres
import Store
import Synchronization
import TestPostgres
import Testing

@testable import Console

/// How a claim comes to be verified: by an operator, or by whatever verifier an installation has.
@Suite(.latchkey, .serialized)
struct DomainVerificationTests {
  private func claims(_ api: Harness) async throws -> (acme: Caller, Answer, globex: Caller, Answer) {
    let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
    let mine = try await api.claim("api.acme.example", for: try await api.group(of: acme), as: acme)
    let other = try await api.claim("api.acme.example", for: try await api.group(of: globex), as: globex)
    return (acme, mine, globex, other)
  }

  private func state(_ domain: Answer, as caller: Caller, in api: Harness) async throws -> String? {
    try await api.send(.get, "/domains/\(domain.id)", as: caller)["state"]?.text
  }

  /// Why an operator's doing fails.
  private func reason(
    _ api: Harness, ownHosts: OwnHosts = OwnHosts(), _ body: @escaping @Sendable (Operator) async throws -> Void
  ) async throws -> String {
    do {
      try await api.operate(ownHosts: ownHosts, body)
      return ""
    } catch let error as OperatorError {
      return "\(error)"
    }
  }

  @Test func anOperatorSeesTheTokensAndDecides() async throws {
    try await Harness.run { api in
      let (acme, mine, globex, other) = try await claims(api)
      let listed = try await api.operate { try await $0.domains(state: .pending) }
      #expect(listed.map(\.id) == [mine.domain, other.domain])
      #expect(listed.map { "\($0.verificationToken)" } == [mine, other].map { $0["verificationToken"]?.text })
      #expect(
        listed.map { "\($0.tenantSlug) \($0.groupPrefix) \($0.environment)" } == [
          "acme pets online", "globex pets online",
        ])
      #expect(try await api.send(.post, "/domains/\(mine.id)/verify", as: acme)["state"]?.text == "pending")

      let host = DomainClaim.host(HostName("api.acme.example")!)
      #expect(try await reason(api) { _ = try await $0.approve(host, showing: nil) }.contains("show the token"))
      let several = try await reason(api) { _ = try await $0.reject(host) }
      #expect(several.contains("several tenants") && several.contains(mine.id) && several.contains(other.id))
      #expect(
        try await reason(api) { _ = try await $0.approve(host, showing: .random()) }.contains("was told that token"))
      let token = ID<Domain.Verification>(mine["verificationToken"]?.text ?? "")
      let approved = try await api.operate { try await $0.approve(host, showing: token) }
      #expect(approved.id == mine.domain)
      #expect(try await state(mine, as: acme, in: api) == "verified")
      #expect(try await state(other, as: globex, in: api) == "pending")
      let event = try await api.send(.get, "/audit-events?entityId=\(mine.id)&limit=1", as: acme).items.first
      #expect(event?["actor"]?.text == "operator" && event?["action"]?.text == "domain.updated")
      #expect(event?["particulars"]?["change"]?["after"]?["state"]?.text == "verified")
    }
  }

  @Test func aVerifiedHostHasOneTenant() async throws {
    try await Harness.run { api in
      let (acme, mine, globex, other) = try await claims(api)
      _ = try await api.operate { try await $0.approve(.id(mine.domain), showing: nil) }
      let taken = try await reason(api) { _ = try await $0.approve(.id(other.domain), showing: nil) }
      #expect(taken.contains("another tenant as \(mine.id)"))
      #expect(try await state(other, as: globex, in: api) == "pending")
      #expect(try await api.send(.delete, "/domains/\(mine.id)", as: acme).status == 204)
      #expect(try await state(other, as: globex, in: api) == "pending", "nobody decided about it")
      _ = try await api.operate { try await $0.approve(.id(other.domain), showing: nil) }
      #expect(try await state(other, as: globex, in: api) == "verified")
    }
  }

  @Test func twoApprovalsAtOnceMakeOneTenantTheHosts() async throws {
    try await Harness.run { api in
      let (acme, mine, globex, other) = try await claims(api)
      async let first = reason(api) { _ = try await $0.approve(.id(mine.domain), showing: nil) }
      async let second = reason(api) { _ = try await $0.approve(.id(other.domain), showing: nil) }
      let reasons = try await [first, second]
      #expect(reasons.filter(\.isEmpty).count == 1)
      let states = [try await state(mine, as: acme, in: api), try await state(other, as: globex, in: api)]
      #expect(Set(states) == ["verified", "pending"])
    }
  }

  @Test func whatIsRejectedIsTakenBackByAnOperatorOnly() async throws {
    try await Harness.run(domainVerifier: Scripted(isProven: true)) { api in
      let (acme, mine, _, other) = try await claims(api)
      _ = try await api.operate { try await $0.reject(.id(mine.domain)) }
      let asked = try await api.send(.post, "/domains/\(mine.id)/verify", as: acme)
      #expect(asked.status == 200 && asked["state"]?.text == "rejected" && asked["instructions"] == .null)
      #expect(try await reason(api) { _ = try await $0.reject(.id(mine.domain)) }.contains("rejected already"))
      _ = try await api.operate { try await $0.approve(.id(mine.domain), showing: nil) }
      #expect(
        try await reason(api) { _ = try await $0.approve(.id(mine.domain), showing: nil) }.contains("verified already"))
      // Also what was verified, so that the host can go to somebody else.
      _ = try await api.operate { try await $0.reject(.id(mine.domain)) }
      #expect(try await api.send(.get, "/domains/\(mine.id)", as: acme)["verifiedAt"] == .null)
      _ = try await api.operate { try await $0.approve(.id(other.domain), showing: nil) }
      #expect(try await reason(api) { _ = try await $0.reject(.id(.random())) }.contains("nobody claims"))
    }
  }

  /// It may have been claimed before the installation got the domain.
  @Test func noOperatorApprovesAHostOfOurs() async throws {
    try await Harness.run { api in
      let (_, mine, _, _) = try await claims(api)
      let own = OwnHosts(gatewayDomain: "acme.example")
      #expect(
        try await reason(api, ownHosts: own) { _ = try await $0.approve(.id(mine.domain), showing: nil) }
          .contains("installation's own"))
    }
  }

  @Test func anotherVerifierDecidesInTheConsole() async throws {
    let verifier = Scripted(isProven: false)
    try await Harness.run(domainVerifier: verifier) { api in
      let (acme, mine, globex, other) = try await claims(api)
      #expect(mine["instructions"]?.text == "Do \(mine["verificationToken"]?.text ?? "").")
      let path = "/domains/\(mine.id)/verify"
      let early = try await api.send(.post, path, as: acme)
      #expect(early.status == 200 && early.json == mine.json)
      verifier.isProven.withLock { $0 = true }
      var verified = Answer?.none
      let wakes = try await api.wakes { verified = try await api.send(.post, path, as: acme) }
      #expect(wakes == 1 && verified?["state"]?.text == "verified" && verified?["instructions"] == .null)
      #expect(verified?.headers[.eTag] != mine.headers[.eTag])
      #expect(try await api.send(.post, path, as: acme).json == verified?.json, "once is enough")
      let taken = try await api.send(.post, "/domains/\(other.id)/verify", as: globex)
      #expect(taken.status == 409 && taken.code == "domain_taken")
      #expect(!taken.text.contains("acme\"") && !taken.text.contains(mine.id), "whose it is, nobody is told")
      #expect(try await state(other, as: globex, in: api) == "pending")
      let event = try await api.send(.get, "/audit-events?entityId=\(mine.id)&limit=1", as: acme).items.first
      #expect(event?["actor"]?.text == "account")
    }
  }

  /// The console's login cannot decide by itself, whatever the code asks for.
  @Test func theDatabaseRefusesTheRest() async throws {
    try await Harness.run { api in
      let (acme, mine, globex, other) = try await claims(api)
      for statement in [
        "UPDATE domains SET state = 'verified', verified_at = now()", "UPDATE domains SET host = 'b.example.com'",
        "UPDATE domains SET verification_token = 'x'", "UPDATE domains SET tenant_id = '\(globex.tenant)'",
        """
        INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token, state, verified_at)
        SELECT tenant_id, 'd', 'b.example.com', group_id, environment, 'x', 'verified', now() FROM domains
        """,
        """
        INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token)
        SELECT '\(globex.tenant)', 'd', 'b.example.com', group_id, environment, 'x' FROM domains
        """,
      ] {
        let error = await #expect(throws: PostgresError.self, "\(statement)") { try await asConsole(statement, acme) }
        #expect(error?.sqlState == "42501", "\(statement)")
      }
      // Of another tenant, of nobody's, and of what is not pending: nothing happens.
      try await asConsole("SELECT verify_domain('\(other.id)')", acme)
      #expect(try await state(other, as: globex, in: api) == "pending")
      _ = try await api.operate { try await $0.reject(.id(mine.domain)) }
      try await asConsole("SELECT verify_domain('\(mine.id)')", acme)
      #expect(try await state(mine, as: acme, in: api) == "rejected")
      try await asConsole("DELETE FROM domains WHERE tenant_id = '\(globex.tenant)'", acme)
      #expect(try await state(other, as: globex, in: api) == "pending")
      let gateway = await #expect(throws: PostgresError.self) {
        try await SQLScript("SELECT verification_token FROM domains")
          .run(on: TestDatabase.current.configuration.replacing(user: "latchkey_gateway"))
      }
      #expect(gateway?.sqlState == "42501")
    }
  }

  private func asConsole(_ statement: String, _ caller: Caller) async throws {
    try await SQLScript("SELECT set_config('latchkey.tenant_id', '\(caller.tenant)', false);" + statement)
      .run(on: TestDatabase.current.configuration.replacing(user: "latchkey_console"))
  }
}

/// Finds proven what it is told to.
private final class Scripted: DomainVerifier {
  let isProven: Mutex<Bool>

  init(isProven: Bool) {
    self.isProven = Mutex(isProven)
  }

  func instructions(for domain: Domain) -> String { "Do \(domain.verificationToken)." }

  func isProven(_ domain: Domain) async throws -> Bool { isProven.withLock { $0 } }
}
