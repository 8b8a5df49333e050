import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// What a change takes away, so that it is asked about.
struct LossTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)

  private static func policy(
    _ origins: [String], methods: [String] = ["*"], headers: [String] = ["*"], credentials: Bool = false
  ) -> CORSPolicy {
    CORSPolicy(
      origins: origins, methods: methods, headers: headers, exposedHeaders: [], credentials: credentials, maxAge: 5)!
  }

  @Test func aPolicyLosesWhatItAllowsNoMore() {
    let wide = Self.policy(["https://a.example", "https://b.a.example"], methods: ["GET", "PUT"], headers: ["X-A"])
    #expect(wide.losses(from: wide).isEmpty)
    #expect(Self.policy(["*"]).losses(from: wide).isEmpty)
    #expect(
      Self.policy(["https://*.a.example"], methods: ["PUT"], headers: ["x-a", "X-B"]).losses(from: wide)
        == [.origins(["https://a.example"]), .methods(["GET"])])
    #expect(Self.policy(["https://a.example"]).losses(from: Self.policy(["*"])) == [.origins(["*"])])
    #expect(
      Self.policy(["https://a.example"]).losses(from: Self.policy(["https://*.a.example", "https://a.example"]))
        == [.origins(["https://*.a.example"])])
    let withCredentials = Self.policy(["https://a.example"], credentials: true)
    #expect(Self.policy(["https://a.example"]).losses(from: withCredentials) == [.credentials])
    #expect(withCredentials.losses(from: Self.policy(["https://a.example"])).isEmpty)
  }

  @Test func anEarlierEndIsALossAndALaterOneIsNone() {
    let (soon, later) = (Self.now + 60, Self.now + 120)
    let never: Date? = nil
    #expect(never.shortened(by: .set(soon)) == soon)
    #expect(Date?.some(later).shortened(by: .set(soon)) == soon)
    #expect(Date?.some(soon).shortened(by: .set(later)) == nil)
    #expect(Date?.some(soon).shortened(by: .clear) == nil)
    #expect(never.shortened(by: .keep) == nil)
  }
}

/// What is kept of a form that could not be taken for the moment.
struct HeldFormTests {
  @Test func keepsWhatWasTypedAndNoSecret() throws {
    let typed = TypedForm([
      "name": "Kept", "password": "secret", "formToken": "t", "confirmed": "true", "version": "2023-11-14T22:13:20Z",
    ])
    let held = try #require(HeldForm(typed, to: "/a", .urlencoded))
    #expect(held.lacksSecrets)
    let page = held.page(.of(.english), isCarried: false)
    let fields = try #require(page["heldFields"] as? [[String: any Sendable]])
    let hidden = try #require(page["heldHidden"] as? [[String: any Sendable]])
    #expect(fields.map { $0["name"] as? String } == ["name"])
    #expect(hidden.map { $0["name"] as? String } == ["version"])
    #expect(!"\(page)".contains("secret"))
  }

  @Test(arguments: [
    [:], ["formToken": "t"], ["confirmed": "true"], ["once": "x", "version": "2023-11-14T22:13:20Z"],
    ["current": "secret", "new": "secret", "username": "ann@acme.example"], ["name": ""],
  ])
  func holdsNothingWhereNothingWasTyped(typed: [String: String]) {
    #expect(HeldForm(TypedForm(typed), to: "/a", .urlencoded) == nil)
  }

  @Test func goesWithASignInAndComesBack() throws {
    let held = try #require(HeldForm(TypedForm(["email": "a@b.example", "role": "viewer"]), to: "/a?b", .multipart))
    let page = held.page(.of(.english), isCarried: true)
    var carried = TypedForm(["tenant": "acme", "email": "who@signs.example", "password": "secret"])
    for part in ["heldFields", "heldHidden"] {
      for field in try #require(page[part] as? [[String: any Sendable]]) {
        carried[try #require(field["name"] as? String)] = field["value"] as? String
      }
    }
    let again = try #require(HeldForm(carriedBy: carried))
    #expect(again.path == "/a?b")
    #expect(again.encoding == .multipart)
    let fields = again.page(.of(.english), isCarried: false)["heldFields"] as? [[String: any Sendable]]
    #expect(fields?.map { $0["value"] as? String } == ["a@b.example"])
    carried["heldPath"] = "//evil.example"
    #expect(HeldForm(carriedBy: carried)?.path == "/")
    #expect(HeldForm(carriedBy: TypedForm(["email": "a"])) == nil)
  }

  @Test func masksTheSecretOfACallThatWasTried() throws {
    let secret = "lk_" + String(repeating: "a", count: 49)
    let held = try #require(
      HeldForm(TypedForm(["secret": secret, "path": "/a/\(secret)", "body": "b"]), to: "/a", .urlencoded))
    #expect(!"\(held.page(.of(.english), isCarried: false))".contains(secret))
  }
}
