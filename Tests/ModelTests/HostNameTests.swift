import Testing

@testable import Model

@Suite struct HostNameTests {
  private static let long = Array(repeating: String(repeating: "a", count: 59), count: 4).joined(separator: ".")

  @Test(arguments: [
    "api.acme.example", "a.bc", "0.example", "a--b.example", "xn--bcher-kva.example", "a.xn--p1ai",
    "a.b.c.d.e.f.example",
    String(repeating: "a", count: 63) + ".example", long + ".ab",
  ])
  func acceptsDNSNames(text: String) throws {
    #expect(HostName(text)?.description == text)
    #expect(text.contains(try Regex(HostName.constraint.pattern!)), "the schema allows it")
  }

  @Test(arguments: [
    "", ".", "example", "localhost", "api.acme.example.", ".acme.example", "api..example", "API.acme.example",
    "Api.acme.example", "api.acme.example:443", "api_v1.acme.example", "-a.example", "a-.example", "a.-example",
    "127.0.0.1", "1.2", "a.1", "a.0x7f", "a.b1.2c", "a.b", "[::1]", "::1", "2130706433", "0x7f.1",
    "bücher.example", "api.acme.ｅxample", "api.acme。example", "ab--cd.example", "xn--.example", "*.acme.example",
    "api.acme.example/", "api.acme.example\n", " api.acme.example", "api.acme.example\u{0}", "a@b.example",
    String(repeating: "a", count: 64) + ".example", long + ".abcdefgh",
  ])
  func refusesWhatIsNone(text: String) {
    #expect(HostName(text) == nil)
  }

  @Test(arguments: [
    ("gw.example", true), ("acme.gw.example", true), ("a.b.gw.example", true), ("xgw.example", false),
    ("gw.example.com", false), ("localhost.example", false), ("console.acme.example", true), ("a.localhost", true),
    ("x.console.acme.example", false),
  ])
  func knowsTheInstallationsOwn(text: String, isOwn: Bool) throws {
    let own = OwnHosts(gatewayDomain: "gw.example", listeners: ["127.0.0.1", "Console.acme.example"])
    #expect(own.contain(try #require(HostName(text))) == isOwn)
  }
}
