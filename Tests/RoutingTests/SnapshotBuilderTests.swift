import Model
import Routing
import Testing

struct SnapshotBuilderTests {
  @Test(arguments: [0, 10_000])
  func buildsWhatChangesWouldMake(expectedKeys: Int) throws {
    let worlds = (0..<200).map { index in
      var world = World()
      world.isKeyActive = index % 5 > 0
      world.keyExpiresAt = index % 7 > 0 ? .distantFuture : World.now
      world.secretExpiresAt = index % 6 > 0 ? .distantFuture : World.now
      world.authorized = index % 3 > 0 ? [.online, .test] : [.test]
      world.authorizationExpiresAt = index % 4 > 0 ? .distantFuture : World.now
      return world
    }
    var builder = SnapshotBuilder(expectedKeys: expectedKeys)
    for (index, world) in worlds.enumerated() { builder.addProvider(of: world, slug: "p\(index)") }
    for world in worlds { builder.addCaller(of: world) }
    for world in worlds { builder.addKeyContents(of: world) }
    let snapshot = builder.build()
    for (index, world) in worlds.enumerated() {
      for secret in [world.secret, world.second, SecretValue.random()] {
        let field = "\(World.defaultHeader): \(secret.revealed)"
        let built = try Request("GET /p\(index)/online/echo/hello", field).decision(by: snapshot)
        let changed = try Request("GET /acme/online/echo/hello", field).decision(by: world.snapshot)
        #expect(built.refusal == changed.refusal)
        #expect(built.route?.caller?.subscription == changed.route?.caller?.subscription)
      }
    }
  }

  @Test func leavesOutWhatIsWithheld() throws {
    var world = World()
    world.environments = [.test, .online]
    world.authorized = [.test, .online]
    world.authorizationExpiresAt = UnixTime(microseconds: World.now.microseconds + 1)
    var builder = SnapshotBuilder()
    builder.addProvider(of: world, slug: "acme")
    builder.addCaller(of: world)
    builder.withhold(.init(group: world.echo, environment: .online), of: world.key)
    builder.withhold(.init(group: world.echo, environment: .online), of: .random())
    builder.addKeyContents(of: world)
    let snapshot = builder.build().applying([world.groupChange])
    #expect(try Request(fields: world.credential).decision(by: snapshot).refusal == .unauthorized(.missing))
    #expect(try Request("GET /acme/test/echo/hello", world.credential).decision(by: snapshot).refusal == nil)
  }

  @Test func ignoresWhatBelongsToNoKey() throws {
    let world = World()
    var builder = SnapshotBuilder()
    builder.addProvider(of: world, slug: "acme")
    builder.addKeyContents(of: world)
    let decision = try Request(fields: world.credential).decision(by: builder.build())
    #expect(decision.refusal == .unauthenticated(.unknown))
  }
}

extension SnapshotBuilder {
  fileprivate mutating func addProvider(of world: World, slug: String) {
    let slug = Slug(slug)!
    add(PublishedTenant(id: world.acme, slug: slug, isActive: true))
    add(
      PublishedGroup(
        id: world.echo, tenant: world.acme, tenantSlug: slug, prefix: Slug("echo")!, accessMode: .required,
        live: [.init(deployment: .random(), environment: .online, backend: world.backend, apis: world.apis)]))
  }

  fileprivate mutating func addCaller(of world: World) {
    add(PublishedTenant(id: world.globex, slug: Slug("globex")!, isActive: true))
    addKey(world.key, tenant: world.globex, isActive: world.isKeyActive, expiresAt: world.keyExpiresAt)
  }

  fileprivate mutating func addKeyContents(of world: World) {
    addSecret(.init(world.secret.digest, expiresAt: world.secretExpiresAt), of: world.key)
    addSecret(.init(world.second.digest), of: world.key)
    for environment in world.authorized {
      addAuthorization(
        .init(group: world.echo, environment: environment, expiresAt: world.authorizationExpiresAt), of: world.key)
    }
  }
}
