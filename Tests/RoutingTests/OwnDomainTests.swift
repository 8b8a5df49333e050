import Framing
import Model
import Routing
import Testing

/// Calls to hosts that tenants own.
struct OwnDomainTests {
  private let world = World()
  private let domain = ID<Domain>.random()
  private let addressing = Addressing(domain: "gw.example")

  private func bind(
    _ host: String = "api.acme.example", _ group: ID<APIGroup>? = nil, _ environment: DeploymentEnvironment = .online,
    _ id: ID<Domain>? = nil
  ) -> SnapshotChange {
    let id = id ?? domain
    return .domain(
      id, PublishedDomain(id: id, host: HostName(host)!, group: group ?? world.echo, environment: environment))
  }

  private func call(
    _ line: String = "GET /hello", host: String = "api.acme.example", by snapshot: Snapshot
  ) throws -> (Decision, Request) {
    let request = try Request(line, host: host, world.credential)
    return (request.decision(by: snapshot, addressing: addressing), request)
  }

  @Test(arguments: [
    "api.acme.example", "API.Acme.EXAMPLE", "api.acme.example:8000", "api.acme.example.", "api.acme.example.:443",
  ])
  func findsTheGroupAtItsPath(host: String) throws {
    let (decision, request) = try call(host: host, by: world.snapshot.applying([bind()]))
    let route = try #require(decision.route)
    #expect(request.text(route.apiPath) == "/hello")
    #expect(route.form == .domain)
    #expect(route.target.group == world.echo)
    #expect(route.caller?.subscription == world.key)
  }

  @Test(arguments: [
    "api.acme.example..", "api.acme.exampl", "xapi.acme.example", "x.api.acme.example", "acme.example",
    "api-acme.example",
    "api.acme.example.com", "apiNacme.example",
  ])
  func findsNothingAtAnother(host: String) throws {
    #expect(try call(host: host, by: world.snapshot.applying([bind()])).0.refusal == .notDeployed)
  }

  /// Nothing else is found at it: no other group, and this one by no other path.
  @Test(arguments: [
    "/acme/online/echo/hello", "/online/echo/hello", "/echo/hello", "/acme/online/other/hello", "/none", "/",
  ])
  func servesNothingElse(path: String) throws {
    #expect(try call("GET \(path)", by: world.snapshot.applying([bind()])).0.refusal == .noSuchAPI)
  }

  @Test func asksForTheKeyAndTheMethodAsElsewhere() throws {
    let snapshot = world.snapshot.applying([bind()])
    let nobody = try Request("GET /hello", host: "api.acme.example")
    #expect(nobody.decision(by: snapshot).refusal == .unauthenticated(.missing))
    #expect(try call("POST /hello", by: snapshot).0.refusal?.status == 405)
    let exposed = try Request("GET /hello?k=\(world.secret.revealed)", host: "api.acme.example")
    #expect(exposed.decision(by: snapshot).refusal == .exposedSecret)
  }

  @Test func thePathGoesOnToLeadThereByEveryOtherHost() throws {
    let snapshot = world.snapshot.applying([bind()])
    #expect(try call("GET /acme/online/echo/hello", host: "other.example", by: snapshot).0.route?.form == .path)
    #expect(try call("GET /online/echo/hello", host: "acme.gw.example", by: snapshot).0.route?.form == .host)
    let checked = try Request("GET /acme/online/echo/hello", host: "api.acme.example", world.credential)
    // A check that names no host.
    let decision = snapshot.decide(
      Call(method: checked.head.method, path: checked.head.path), checked.head, in: checked.bytes.span, at: World.now)
    #expect(decision.route?.form == .path)
  }

  @Test func isFoundWhileItsTargetIsLiveOnly() throws {
    let snapshot = world.snapshot
    #expect(try call(by: snapshot.applying([bind("api.acme.example", nil, .test)])).0.refusal == .notDeployed)
    #expect(try call(by: snapshot.applying([bind("api.acme.example", .random())])).0.refusal == .notDeployed)
    var suspended = world
    suspended.isProviderActive = false
    #expect(try call(by: snapshot.applying([bind(), suspended.providerChange])).0.refusal == .notDeployed)
    #expect(try call(by: snapshot.applying([bind(), .group(world.echo, nil)])).0.refusal == .notDeployed)
    #expect(try call(by: snapshot.applying([bind()]).applying([.domain(domain, nil)])).0.refusal == .notDeployed)
  }

  @Test func isBoundToWhatItWasBoundToLast() throws {
    var other = World()
    other.authorized = []
    let moved = world.snapshot.applying([other.providerChange, other.groupChange]).applying([bind()])
      .applying([bind("api.acme.example", other.echo)])
    #expect(try call(by: moved).0.refusal == .unauthorized(.missing))
    let renamed = moved.applying([bind("www.acme.example")])
    #expect(try call(by: renamed).0.refusal == .notDeployed)
    #expect(try call(host: "www.acme.example", by: renamed).0.route != nil)
  }

  /// One batch takes a host from one domain and gives it to another, told in either order.
  @Test(arguments: [false, true])
  func changesHandsInOneBatch(isReversed: Bool) throws {
    var other = World()
    other.authorized = []
    let snapshot = world.snapshot.applying([other.providerChange, other.groupChange, bind()])
    let second = ID<Domain>.random()
    let changes: [SnapshotChange] = [.domain(domain, nil), bind("api.acme.example", other.echo, .online, second)]
    let changed = snapshot.applying(isReversed ? changes.reversed() : changes)
    #expect(try call(by: changed).0.refusal == .unauthorized(.missing))
    let changedBack = changed.applying([.domain(second, nil), bind()])
    #expect(try call(by: changedBack).0.route != nil)
    #expect(try call(by: changedBack.applying([.domain(domain, nil)])).0.refusal == .notDeployed)
  }

  /// It may have been bound before the installation got the domain.
  @Test(arguments: ["gw.example", "a.b.gw.example", "acme.gw.example"])
  func neverIsAHostOfOurs(host: String) throws {
    let snapshot = world.snapshot.applying([bind(host)])
    #expect(try call(host: host, by: snapshot).0.refusal == .notDeployed)
    let elsewhere = try Request("GET /hello", host: host, world.credential)
    #expect(elsewhere.decision(by: snapshot).route?.form == .domain, "without that domain it is")
  }

  @Test func tellsManyApart() throws {
    let hosts = (0..<500).map { "h\($0).x\($0 % 7).example" }
    let snapshot = world.snapshot.applying(hosts.map { bind($0, nil, .online, .random()) })
    for host in hosts { #expect(try call(host: host, by: snapshot).0.route != nil) }
    #expect(try call(host: "h500.x3.example", by: snapshot).0.refusal == .notDeployed)
  }

  /// A call that goes on for long ends when its host leads elsewhere.
  @Test func whatIsUnderWayStandsOnItsDomain() throws {
    let snapshot = world.snapshot.applying([bind()])
    let standing = try #require(try call(by: snapshot).0.route).standing
    #expect(snapshot.refusal(of: standing, at: World.now) == nil)
    #expect(
      snapshot.applying([bind("api.acme.example", nil, .test)]).refusal(of: standing, at: World.now) == .notDeployed)
    #expect(snapshot.applying([.domain(domain, nil)]).refusal(of: standing, at: World.now) == .notDeployed)
    let byPath = try #require(
      try call("GET /acme/online/echo/hello", host: "gateway.example", by: snapshot).0.route
    ).standing
    #expect(snapshot.applying([.domain(domain, nil)]).refusal(of: byPath, at: World.now) == nil)
  }
}
