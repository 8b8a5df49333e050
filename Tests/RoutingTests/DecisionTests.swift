import Framing
import Model
import Routing
import Testing

/// The cases of the gateway in the order that they are promised in.
struct DecisionTests {
  @Test func forwardsAnAuthorizedCall() throws {
    let world = World()
    let request = try Request("GET /acme/online/echo/hello?q=1", world.credential)
    let route = try #require(request.decision(by: world.snapshot).route)
    #expect(request.text(route.apiPath) == "/hello")
    #expect(route.api == world.apis[0].id)
    #expect(route.target.group == world.echo)
    #expect(route.target.tenant == world.acme)
    #expect(route.target.environment == .online)
    #expect(route.verdict == .admitted)
    #expect(route.form == .path)
  }

  @Test func tellsTheBackendWhoCalls() throws {
    let world = World()
    let route = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    let caller = try #require(route.caller)
    #expect(caller.subscription == world.key)
    #expect(caller.tenantSlug.description == "globex")
    let text = caller.subscriptionText
    #expect(String(decoding: text.indices.map { text[$0] }, as: UTF8.self) == world.key.description)
  }

  @Test func givesTheBackendReadyToWrite() throws {
    let world = World()
    let route = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    guard case .http(let backend) = route.target.backend else {
      Issue.record("the backend is no HTTP backend")
      return
    }
    #expect(String(decoding: backend.authority, as: UTF8.self) == "127.0.0.1:9000")
    #expect(String(decoding: backend.basePath, as: UTF8.self) == "/base")
  }

  @Test func givesAMockToAnswerWith() throws {
    var world = World()
    world.backend = .mock(MockResponse(status: 418, headers: [], body: "short and stout"))
    let route = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    guard case .mock(let response) = route.target.backend else {
      Issue.record("the backend is no mock")
      return
    }
    #expect(response.status == 418)
  }

  @Test(arguments: [
    "/", "/acme", "/acme/online", "/acme/online/", "/acme/online/other/hello", "/globex/online/echo/hello",
    "/acme/test/echo/hello", "/acme/preview/echo/hello", "/acme/Online/echo/hello", "/ACME/online/echo/hello",
    "/acme/online/Echo/hello", "/acme/online/echo2/hello", "/acme/online/ech/hello", "/online/echo/hello",
    "/a/acme/online/echo/hello", "/acme/online%20/echo/hello",
  ])
  func findsNothingElsewhere(path: String) throws {
    let world = World()
    #expect(try Request("GET \(path)", world.credential).decision(by: world.snapshot).refusal == .notDeployed)
    #expect(Refusal.notDeployed.status == 404)
  }

  @Test func aMissingDeploymentComesBeforeTheCredential() throws {
    let world = World()
    #expect(try Request("GET /acme/test/echo/hello").decision(by: world.snapshot).refusal == .notDeployed)
  }

  @Test func theCredentialComesBeforeTheAPI() throws {
    let world = World()
    let refusal = try Request("GET /acme/online/echo/nothing").decision(by: world.snapshot).refusal
    #expect(refusal == .unauthenticated(.missing))
    #expect(refusal?.status == 401)
  }

  @Test func theAuthorizationComesBeforeTheAPI() throws {
    var world = World()
    world.authorized = []
    let refusal = try Request("GET /acme/online/echo/nothing", world.credential).decision(by: world.snapshot).refusal
    #expect(refusal == .unauthorized(.missing))
    #expect(refusal?.status == 403)
  }

  @Test(arguments: DeploymentEnvironment.allCases, DeploymentEnvironment.allCases)
  func anAuthorizationIsForItsEnvironmentOnly(given: DeploymentEnvironment, called: DeploymentEnvironment) throws {
    var world = World()
    world.environments = DeploymentEnvironment.allCases
    world.authorized = [given]
    let refusal = try Request("GET /acme/\(called)/echo/hello", world.credential).decision(by: world.snapshot).refusal
    #expect(refusal == (given == called ? nil : .unauthorized(.missing)))
  }

  @Test func anAuthorizationIsForItsGroupOnly() throws {
    let world = World()
    var other = World()
    other.apis = world.apis
    let otherGroup = PublishedGroup(
      id: other.echo, tenant: world.acme, tenantSlug: Slug("acme")!, prefix: Slug("other")!, accessMode: .required,
      live: [.init(deployment: .random(), environment: .online, backend: world.backend, apis: world.apis)])
    let snapshot = world.snapshot.applying([.group(other.echo, otherGroup)])
    let refusal = try Request("GET /acme/online/other/hello", world.credential).decision(by: snapshot).refusal
    #expect(refusal == .unauthorized(.missing))
  }

  @Test func refusesAPathThatNoAPITakes() throws {
    let world = World()
    let refusal = try Request("GET /acme/online/echo/nothing", world.credential).decision(by: world.snapshot).refusal
    #expect(refusal == .noSuchAPI)
    #expect(refusal?.status == 404)
  }

  @Test func refusesAMethodThatNoAPITakesAndSaysWhichAre() throws {
    let world = World()
    let refusal = try Request("DELETE /acme/online/echo/hello", world.credential).decision(by: world.snapshot).refusal
    #expect(refusal == .methodNotAllowed([.get, .head]))
    #expect(refusal?.status == 405)
  }

  @Test func takesThePrefixItselfAsTheRoot() throws {
    var world = World()
    world.apis = [World.api("GET", "/")]
    let request = try Request("GET /acme/online/echo", world.credential)
    let route = try #require(request.decision(by: world.snapshot).route)
    #expect(route.apiPath.isEmpty)
  }

  @Test func forwardsAnOpenCallWithoutAKey() throws {
    var world = World()
    world.accessMode = .open
    let route = try #require(try Request().decision(by: world.snapshot).route)
    #expect(route.verdict == .notJudged)
    #expect(route.caller == nil)
  }

  @Test func tellsWhoCallsAnOpenGroupIfRequiredWouldAdmitThem() throws {
    var world = World()
    world.accessMode = .open
    let good = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    #expect(good.caller?.subscription == world.key && good.verdict == .notJudged)
    world.authorized = [.test]
    let unauthorized = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    #expect(unauthorized.caller == nil && unauthorized.verdict == .notJudged)
    let bad = try Request("GET /acme/online/echo/hello", "\(World.defaultHeader): x", "\(World.defaultHeader): y")
    #expect(bad.decision(by: world.snapshot).route?.verdict == .notJudged)
  }

  @Test func observingRefusesNothingAndSaysWhatItWould() throws {
    var world = World()
    world.accessMode = .observe
    let admitted = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    #expect(admitted.verdict == .admitted)
    #expect(admitted.caller?.subscription == world.key)
    let keyless = try #require(try Request().decision(by: world.snapshot).route)
    #expect(keyless.verdict == .wouldRefuse(.unauthenticated(.missing)))
    #expect(keyless.caller == nil)
    world.authorized = [.test]
    let unauthorized = try #require(try Request(fields: world.credential).decision(by: world.snapshot).route)
    #expect(unauthorized.verdict == .wouldRefuse(.unauthorized(.missing)))
    #expect(unauthorized.caller == nil)
  }

  @Test(arguments: [AccessMode.open, .observe])
  func stillNeedsAnAPI(mode: AccessMode) throws {
    var world = World()
    world.accessMode = mode
    #expect(try Request("GET /acme/online/echo/nothing").decision(by: world.snapshot).refusal == .noSuchAPI)
  }
}

extension Request {
  init(fields: String...) throws {
    try self.init("GET /acme/online/echo/hello", fields: fields)
  }
}
