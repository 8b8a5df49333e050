import Model
import Testing

@testable import ConsoleWeb

/// Where a group is called, and by which command.
struct CallAddressTests {
  private static func api(_ method: APIMethod, _ path: String) throws -> Revision.FrozenAPI {
    Revision.FrozenAPI(
      id: .random(), name: try #require(DisplayName("x")), description: nil,
      pattern: APIPattern(method: method, path: try #require(APIPath(path)), match: .exact))
  }

  private static let address = "https://api.example/acme/online/pets"

  @Test(arguments: [
    ("https://api.example", "https://api.acme.example"), ("http://127.0.0.1:8000", "http://api.acme.example:8000"),
    ("http://[::1]:8000", "http://api.acme.example:8000"), ("http://[::1]", "http://api.acme.example"),
  ])
  func aHostIsReachedAsTheGatewayIs(shown: String, expected: String) throws {
    let address = CallAddress(gateway: GatewayURL(shown: shown, dialled: shown))
    #expect(address.byHost(try #require(HostName("api.acme.example"))) == expected)
  }

  @Test func callsWhatTakesTheLeastToCall() throws {
    let apis = try [
      Self.api(.post, "/pets"), Self.api(.get, "/pets/{petId}"), Self.api(.get, "/pets"), Self.api(.head, "/a"),
    ]
    #expect(
      CallAddress.curl(apis, at: Self.address, .required, key: "KEY")
        == "curl -H 'jdcloud-apim-subscription-key: KEY' '\(Self.address)/pets'")
  }

  @Test(arguments: [
    (APIMethod.get, "/pets/{petId}", "curl '\(address)/pets/1'"), (.post, "/pets", "curl -X POST '\(address)/pets'"),
    (.head, "/pets", "curl -I '\(address)/pets'"), (.any, "/", "curl '\(address)/'"),
    (.get, "/it's", "curl '\(address)/it'\\''s'"), (.get, "/pets/", "curl '\(address)/pets/'"),
  ])
  func anOpenGroupTakesNoKey(method: APIMethod, path: String, expected: String) throws {
    #expect(CallAddress.curl([try Self.api(method, path)], at: Self.address, .open, key: "KEY") == expected)
  }

  @Test func nothingIsCalledWhereThereIsNothing() {
    #expect(CallAddress.curl([], at: Self.address, .open, key: "KEY") == nil)
  }
}
