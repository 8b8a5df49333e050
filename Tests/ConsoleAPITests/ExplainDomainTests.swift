import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@testable import Console

/// What is told of calls to a host that is a tenant's own.
@Suite(.latchkey, .serialized)
struct ExplainDomainTests {
  private struct Cast: Sendable {
    let api: Harness
    let acme, globex: Caller
    let group, key: String
    let domain: Answer

    func ask(_ url: String, as caller: Caller, of key: String? = nil) async throws -> Answer {
      try await api.send(
        .post, "/explain", as: caller,
        ["subscriptionId": .string(key ?? self.key), "method": "GET", "url": .string(url)])
    }
  }

  private func with(_ body: @escaping @Sendable (Cast) async throws -> Void) async throws {
    try await Harness.run(gatewayDomain: "gw.example") { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, key) = (try await api.liveGroup(of: acme), try await api.key(of: globex))
      #expect(try await api.authorize(key, for: [(group, "online")], as: acme).status == 201)
      let domain = try await api.claim("api.acme.example", for: group, as: acme)
      try await body(Cast(api: api, acme: acme, globex: globex, group: group, key: key, domain: domain))
    }
  }

  private func results(_ answer: Answer) -> [String] {
    #expect(answer.status == 200, "\(answer.text)")
    return answer["rules"]?.elements?.compactMap { $0["result"]?.text } ?? []
  }

  private static let notFound = ["passed", "passed", "refused"] + Array(repeating: "notReached", count: 5)

  @Test(arguments: [
    "https://api.acme.example/pets?q=1", "http://API.acme.example:8000/pets#x", "http://api.acme.example./pets",
  ])
  func followsTheHostOnceItIsVerified(url: String) async throws {
    try await with { cast in
      #expect(results(try await cast.ask("https://api.acme.example/pets", as: cast.globex)) == Self.notFound)
      _ = try await cast.api.operate { try await $0.approve(.id(cast.domain.domain), showing: nil) }
      let admitted = try await cast.ask(url, as: cast.globex)
      #expect(results(admitted) == Array(repeating: "passed", count: 8))
      #expect(admitted["forwarded"] == true)
      #expect(admitted["target"] == .null, "the group is another's")
      let own = try await cast.ask(url, as: cast.acme)
      #expect(own["target"]?["groupId"]?.text == cast.group)
    }
  }

  @Test func findsNothingElseThere() async throws {
    try await with { cast in
      _ = try await cast.api.operate { try await $0.approve(.id(cast.domain.domain), showing: nil) }
      let byPath = try await cast.ask("https://api.acme.example/acme/online/pets/pets", as: cast.globex)
      #expect(byPath["status"] == 404)
      #expect(results(byPath).dropLast().last == "refused", "it is the group's, which has no such API")
      let elsewhere = try await cast.ask("https://other.example/acme/online/pets/pets", as: cast.globex)
      #expect(elsewhere["forwarded"] == true)
      let host = try await cast.ask("https://acme.gw.example/online/pets/pets", as: cast.globex)
      #expect(host["forwarded"] == true)
      #expect(results(try await cast.ask("https://x.acme.gw.example/pets", as: cast.globex)) == Self.notFound)
    }
  }

  /// A host's tenant is told what its own group says of any key; nobody else learns whose the host is.
  @Test func toldByTheSameRulesAsByPath() async throws {
    try await with { cast in
      _ = try await cast.api.operate { try await $0.approve(.id(cast.domain.domain), showing: nil) }
      let url = "https://api.acme.example/pets"
      #expect(results(try await cast.ask(url, as: cast.acme))[4] == "assumed")
      let stranger = try await cast.api.owner(of: "initech")
      let absent = try await cast.ask("https://none.example/pets", as: stranger)
      #expect(absent.status == 422 && absent.pointers == ["/subscriptionId"])
      #expect(try await cast.ask(url, as: stranger).comparable == absent.comparable)
      // Its own claim of the same host leads nowhere.
      let group = try await cast.api.liveGroup(of: stranger)
      #expect(try await cast.api.claim("api.acme.example", for: group, as: stranger).status == 201)
      #expect(try await cast.ask(url, as: stranger).comparable == absent.comparable)
    }
  }
}
