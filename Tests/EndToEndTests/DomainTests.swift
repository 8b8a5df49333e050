import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// A host of a tenant's own, from the claim to the callers: by the real binary and an operator's commands.
@Suite(.database, .timeLimit(.minutes(10))) struct DomainTests {
  private func operate(_ arguments: String...) async -> RunningLatchkey.Ending {
    await RunningLatchkey.run(["domain"] + arguments, environment: TestDatabase.current.configuration.environment)
  }

  /// A call to the gateway that names a host.
  private static func url(_ path: String, _ latchkey: RunningLatchkey) -> String {
    "http://\(latchkey.address(of: "gateway"))\(path)"
  }

  private func host(_ host: String, _ secret: String) -> [(String, String)] { keyed(secret) + [("Host", host)] }

  private func claim(_ host: String, for group: String, by tenancy: Tenancy) async throws -> JSONValue {
    try await tenancy.make(
      "/domains", ["host": .string(host), "groupId": .string(group), "environment": "online"])
  }

  @Test func isServedOnceAnOperatorApproved() async throws {
    try await EchoBackend.with { backend in
      var environment = TestDatabase.current.configuration.environment
      environment["LATCHKEY_GATEWAY_DOMAIN"] = "gw.example"
      try await RunningLatchkey.with(environment: environment) { latchkey in
        let console = latchkey.address(of: "console")
        let (acme, globex) = (try await Tenancy("acme", at: console), try await Tenancy("globex", at: console))
        let (key, secret) = try await globex.key()
        let group = try await acme.release("pets", backend: .http(backend.url))
        _ = try await acme.authorize(key, for: group)
        let byPath = Self.url("/acme/online/pets/cats/1", latchkey)
        #expect(try await Caller.untilStatus(200, byPath, headers: keyed(secret)).status == 200)

        let domain = try await claim("api.acme.example", for: group, by: acme)
        let (id, token) = (try #require(domain["id"]?.text), try #require(domain["verificationToken"]?.text))
        let squatter = try await claim(
          "api.acme.example", for: try await globex.release("toys", backend: .mock, accessMode: "open"), by: globex)
        let ours = try await acme.call(
          .POST, "/domains", ["host": "acme.gw.example", "groupId": .string(group), "environment": "online"])
        #expect(ours.status == 422)

        let url = Self.url("/cats/1", latchkey)
        #expect(try await Caller.call(.GET, url, headers: host("api.acme.example", secret)).status == 404)
        let listed = await operate("list", "--pending")
        #expect(listed.code == 0)
        #expect(listed.output.contains("\(id)\tpending\tapi.acme.example\tacme\tpets/online\t\(token)\n"))
        let unproven = await operate("approve", "api.acme.example")
        #expect(unproven.code == 1 && unproven.output.contains("show the token"))
        #expect(await operate("approve", "api.acme.example", "--token", token).code == 0)

        let served = try await Caller.untilStatus(200, url, headers: host("api.acme.example", secret))
        #expect(served.status == 200)
        #expect(try served.json["target"]?.text?.hasSuffix("/cats/1") == true)
        for name in ["API.acme.EXAMPLE", "api.acme.example.", "api.acme.example:8000"] {
          #expect(try await Caller.call(.GET, url, headers: host(name, secret)).status == 200, "\(name)")
        }
        // Nothing else is there: the path of another group is but a path of this one's API.
        let nobody = [("Host", "api.acme.example")]
        #expect(try await Caller.call(.GET, url, headers: nobody).status == 401)
        #expect(
          try await Caller.call(.GET, Self.url("/globex/online/toys/1", latchkey), headers: nobody).status == 401)
        #expect(try await Caller.call(.GET, Self.url("/globex/online/toys/1", latchkey)).status == 200)
        let taken = await operate("approve", try #require(squatter["id"]?.text))
        #expect(taken.code == 1 && taken.output.contains("another tenant"))

        #expect(try await acme.call(.DELETE, "/domains/\(id)?wait=10s").status == 200)
        #expect(try await Caller.call(.GET, url, headers: host("api.acme.example", secret)).status == 404)
        let other = try #require(squatter["verificationToken"]?.text)
        #expect(await operate("approve", "api.acme.example", "--token", other).code == 0)
        let passed = try await Caller.untilStatus(200, url, headers: nobody)
        #expect(passed.status == 200 && passed.body == "mocked")
        #expect(await operate("reject", "api.acme.example").output == "api.acme.example is not globex's\n")
        #expect(try await Caller.untilStatus(404, url, headers: nobody).status == 404)
        #expect(await operate("reject", "api.acme.example").code == 1)
        let revived = await operate("approve", "api.acme.example", "--token", other)
        #expect(revived.code == 1 && revived.output.contains("is not pending"))
        #expect(await operate("approve", "Api.acme.example").code == 64)
      }
    }
  }

  @Test func goesWithItsTenantAndItsGroupAndComesBack() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let group = try await acme.release("pets", backend: .mock, accessMode: "open")
      let other = try await acme.release("toys", backend: .mock, accessMode: "required")
      let id = try #require(try await claim("api.acme.example", for: group, by: acme)["id"]?.text)
      #expect(await operate("approve", id).code == 0)
      let (url, named) = (Self.url("/1", latchkey), [("Host", "api.acme.example")])
      #expect(try await Caller.untilStatus(200, url, headers: named).status == 200)

      func operateTenant(_ verb: String) async -> Int32 {
        await RunningLatchkey.run(["tenant", verb, "acme"], environment: environment).code
      }
      #expect(await operateTenant("suspend") == 0)
      #expect(try await Caller.untilStatus(404, url, headers: named).status == 404)
      #expect(await operateTenant("restore") == 0)
      #expect(try await Caller.untilStatus(200, url, headers: named).status == 200)

      #expect(try await acme.call(.PATCH, "/domains/\(id)?wait=10s", ["groupId": .string(other)]).status == 200)
      #expect(try await Caller.call(.GET, url, headers: named).status == 401)
      #expect(try await acme.call(.PATCH, "/domains/\(id)?wait=10s", ["environment": "test"]).status == 200)
      #expect(try await Caller.call(.GET, url, headers: named).status == 404)
      let back: JSONValue = ["environment": "online", "groupId": .string(group)]
      #expect(try await acme.call(.PATCH, "/domains/\(id)?wait=10s", back).status == 200)
      #expect(try await Caller.call(.GET, url, headers: named).status == 200)

      #expect(try await acme.call(.DELETE, "/api-groups/\(group)/deployments/online?wait=10s").status == 200)
      #expect(try await Caller.call(.GET, url, headers: named).status == 404)
      #expect(try await acme.call(.DELETE, "/api-groups/\(group)?wait=10s").status == 200)
      #expect(try await acme.call(.GET, "/domains/\(id)").status == 404)
      #expect(await operate("list").output.isEmpty)
      #expect(await RunningLatchkey.run(["audit", "verify"], environment: environment).code == 0)
    }
  }
}
