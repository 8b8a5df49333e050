import Console
import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// threats.md, rows 7 and 23: what a refused password costs tells nothing, and guesses beyond the limit cost nothing.
@Suite(.latchkey, .serialized)
struct PasswordWorkTests {
  private static let email = "owner@acme.example"
  private static let wrong = "not the password"

  /// Whose sign-in is refused, each for another reason.
  enum Stranger: String, CaseIterable {
    case wrongPassword, unknownEmail, unknownTenant, disabledAccount, invitedAccount, suspendedTenant
  }

  @Test(arguments: Stranger.allCases)
  func answersAndCostsTheSameWhateverIsWrong(stranger: Stranger) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (wrong, work) = try await api.work { try await api.signIn(Self.email, password: Self.wrong) }
      #expect(wrong.code == "wrong_credentials")
      #expect(work > 0)
      let (answer, ownWork) = try await refused(stranger, besides: owner, api)
      #expect(answer.comparable == wrong.comparable)
      #expect(ownWork == work)
      #expect(try await api.signIn(Self.email).status == (stranger == .suspendedTenant ? 401 : 201))
    }
  }

  /// One refused sign-in and its work.
  private func refused(
    _ stranger: Stranger, besides owner: Caller, _ api: Harness
  ) async throws -> (Answer, work: Int) {
    switch stranger {
    case .wrongPassword: return try await api.work { try await api.signIn(Self.email, password: "another wrong one") }
    case .unknownEmail: return try await api.work { try await api.signIn("nobody@acme.example") }
    case .unknownTenant: return try await api.work { try await api.signIn(Self.email, tenant: "nobody") }
    case .disabledAccount:
      let invitee = try await api.invite(.viewer, as: owner)
      #expect(try await api.accept(invitee.token).status == 201)
      #expect(try await api.send(.patch, invitee.path, as: owner, ["state": "disabled"]).status == 200)
      return try await api.work { try await api.signIn(invitee.email) }
    case .invitedAccount:
      let invitee = try await api.invite(.viewer, as: owner)
      return try await api.work { try await api.signIn(invitee.email) }
    case .suspendedTenant:
      try await api.database.execute(Query<Void>("test.suspend", "UPDATE tenants SET state = 'suspended'"))
      return try await api.work { try await api.signIn(Self.email) }
    }
  }

  @Test(arguments: [email, "nobody@acme.example"])
  func paysForNoGuessBeyondTheLimit(email: String) async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      for _ in 0..<10 { #expect(try await api.signIn(email, password: Self.wrong).status == 401) }
      for password in [Self.wrong, Harness.password] {
        let (refused, work) = try await api.work { try await api.signIn(email, password: password) }
        #expect(refused.code == "too_many_attempts")
        #expect(work == 0)
      }
    }
  }

  @Test func paysForNoGuessAtTheOwnPasswordBeyondTheLimit() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for _ in 0..<10 { #expect(try await api.changePassword(from: Self.wrong, as: owner).status == 403) }
      let (refused, work) = try await api.work { try await api.changePassword(from: Harness.password, as: owner) }
      #expect(refused.code == "too_many_attempts")
      #expect(work == 0)
    }
  }

  /// As many at once as there are connections, and more: none of them has one while it waits for another.
  @Test func guessesUnderKeysKeepNobodyWaiting() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for number in 0..<24 {
          tasks.addTask { try await api.changePassword(from: Self.wrong, as: owner, under: "k\(number)").status }
        }
        return try await tasks.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses == [403: 10, 429: 14])
      #expect(try await api.send(.get, "/me", as: owner).status == 200)
    }
  }

  /// Who asks again is told what was done, though the password that it gives is no longer the present one.
  @Test func changesThePasswordOnceUnderAKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for isRepeated in [false, true] {
        let answer = try await api.changePassword(from: Harness.password, as: owner, under: "k")
        #expect(answer.status == 204)
        #expect((answer.headers[HTTPField.Name("Idempotent-Replayed")!] != nil) == isRepeated)
      }
      #expect(try await api.changePassword(from: Harness.password, as: owner, under: "l").status == 403)
      #expect(try await api.signIn(Self.email, password: "another good password").status == 201)
    }
  }

  /// Whether each guess comes under a key of its own or all under one: none is free.
  @Test(arguments: [true, false])
  func countsGuessesUnderAnIdempotencyKey(isEachKeyNew: Bool) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for number in 0..<5 {
        let key = isEachKeyNew ? "k\(number)" : "k"
        let change = try await api.changePassword(from: Self.wrong, as: owner, under: key)
        #expect(change.code == "wrong_password")
        let signIn = try await api.once(
          key, .post, "/sessions", as: nil,
          ["tenant": "acme", "email": .string(Self.email), "password": .string(Self.wrong)])
        #expect(signIn.code == "wrong_credentials")
      }
      #expect(try await api.changePassword(from: Harness.password, as: owner, under: "k").status == 429)
      #expect(try await api.signIn(Self.email).status == 429)
      #expect(try await api.answers.isEmpty, "no refusal is kept, and no password with it")
    }
  }
}

extension Harness {
  /// What a call answers, and how much hashing it took.
  fileprivate func work(_ call: () async throws -> Answer) async throws -> (Answer, work: Int) {
    let before = passwords.work
    let answer = try await call()
    return (answer, passwords.work - before)
  }

  fileprivate func changePassword(
    from current: String, as caller: Caller, under key: String? = nil
  ) async throws -> Answer {
    try await send(
      .post, "/me/password", as: caller, ["current": .string(current), "new": "another good password"],
      headers: key.map { [.idempotencyKey: $0] } ?? [:])
  }
}
