import Framing
import Model
import Routing
import Testing

/// How calls name a group: by path, by host, by a check's binding.
struct AddressTests {
  private let addressing = Addressing(domain: "Gateway.Example")

  @Test(arguments: ["acme.gateway.example", "ACME.Gateway.EXAMPLE", "acme.gateway.example:8000"])
  func findsATenantByItsHost(host: String) throws {
    let world = World()
    let request = try Request("GET /online/echo/hello", host: host, world.credential)
    let route = try #require(request.decision(by: world.snapshot, addressing: addressing).route)
    #expect(route.form == .host)
    #expect(request.text(route.apiPath) == "/hello")
  }

  @Test(arguments: [
    "acme.gateway.example.", "acme.other.example", "acme.gateway.example.com", ".gateway.example",
    "acmegateway.example",
    "gateway.example", "x.acme.gateway.example", "globex.gateway.example", "acm.gateway.example",
    String(repeating: "a", count: 64) + ".gateway.example",
  ])
  func findsNobodyByAnotherHost(host: String) throws {
    let world = World()
    let request = try Request("GET /online/echo/hello", host: host, world.credential)
    #expect(request.decision(by: world.snapshot, addressing: addressing).refusal == .notDeployed)
  }

  @Test func aTenantsHostIsNotReadByPath() throws {
    let world = World()
    let request = try Request("GET /acme/online/echo/hello", host: "globex.gateway.example", world.credential)
    #expect(request.decision(by: world.snapshot, addressing: addressing).refusal == .notDeployed)
  }

  @Test func withoutADomainEveryHostIsReadByPath() throws {
    let world = World()
    let request = try Request("GET /acme/online/echo/hello", host: "acme.gateway.example", world.credential)
    #expect(request.decision(by: world.snapshot).route?.form == .path)
  }

  private func binding(_ query: String) -> (Binding?, strip: String?) {
    let bytes = Array(query.utf8)
    let binding = Binding(query: ByteRange(0, bytes.count), in: bytes.span)
    return (binding, binding.map { bytes.span.string($0.strip) })
  }

  @Test(arguments: [("", ""), ("&strip=/v1", "/v1"), ("&strip=/v1/", "/v1"), ("&strip=/", "")])
  func readsACheckersBinding(rest: String, strip: String) {
    let id = ID<APIGroup>.random()
    let (binding, stripped) = binding("environment=test&group=\(id)\(rest)")
    #expect(binding?.group == id)
    #expect(binding?.environment == .test)
    #expect(stripped == strip)
  }

  @Test(arguments: [
    "", "group=ID", "environment=test", "group=ID&environment=prod", "group=ID&environment=Test",
    "group=x&environment=test",
    "group=ID&group=ID&environment=test", "group=ID&environment=test&environment=test",
    "group=ID&environment=test&strip=",
    "group=ID&environment=test&strip=v1", "group=ID&environment=test&strip=%2Fv1",
    "group=ID&environment=test&strip=/a&strip=/b",
    "group=ID&environment=test&other=1", "group=ID&environment=test&", "group=ID&environment",
    "Group=ID&environment=test",
  ])
  func refusesAnotherBinding(query: String) {
    #expect(binding(query.replacing("ID", with: ID<APIGroup>.random().description)).0 == nil)
  }

  @Test(arguments: [
    ("/hello", "", "/hello"), ("/v1/hello", "/v1", "/hello"), ("/v1", "/v1", ""), ("/v1/hello", "", nil),
    ("/v1hello", "/v1", nil), ("/hello", "/v1", nil), ("/V1/hello", "/v1", nil),
  ])
  func cutsTheBindingsPrefixOff(path: String, strip: String, expected: String?) throws {
    var world = World()
    world.apis = [World.api("GET", "/hello"), World.api("GET", "/")]
    let query = "group=\(world.echo)&environment=online" + (strip.isEmpty ? "" : "&strip=\(strip)")
    let request = try Request("GET /check/nginx?\(query)", "X-Original-URI: \(path)", world.credential)
    let parsed = Binding(query: request.head.query!, in: request.bytes.span)
    let binding = try #require(parsed)
    let original = try #require(request.head.first(.xOriginalURI)).value
    let decision = world.snapshot.decide(
      Call(method: request.head.method, path: original, binding: binding), request.head, in: request.bytes.span,
      at: World.now)
    #expect(decision.route.map { request.text($0.apiPath) } == expected)
    #expect(decision.refusal == (expected == nil ? .noSuchAPI : nil))
    if let route = decision.route { #expect(route.form == .bound) }
  }

  @Test func aBindingToNothingLiveIsNotFound() throws {
    let world = World()
    let request = try Request("GET /hello", world.credential)
    let bindings = [
      Binding(group: world.echo, environment: .test), Binding(group: .random(), environment: .online),
    ]
    for binding in bindings {
      let call = Call(method: request.head.method, path: request.head.path, binding: binding)
      let decision = world.snapshot.decide(call, request.head, in: request.bytes.span, at: World.now)
      #expect(decision.refusal == .notDeployed)
    }
  }
}
