import Model
import Routing
import Testing

/// What limits a call, as far as the snapshot tells.
struct LimitTests {
  private static func route(_ snapshot: Snapshot, _ world: World) throws -> Route {
    try #require(try Request(fields: world.credential).decision(by: snapshot).route)
  }

  @Test func tellsWhatLimitsTheKeyAndWhatAllItsTargetsCallers() throws {
    var world = World()
    #expect(try Self.route(world.snapshot, world).limits == nil)
    #expect(try Self.route(world.snapshot, world).caller?.limits == nil)
    world.limits = World.limits(5)
    world.sharedLimits = [.online: World.limits(9), .test: World.limits(1)]
    let route = try Self.route(world.snapshot, world)
    #expect(route.caller?.limits === world.limits)
    #expect(route.limits === world.sharedLimits[.online])
  }

  @Test func followsChangesOfAPolicyAndOfWhatItIsFor() throws {
    var world = World()
    world.limits = World.limits(5)
    let before = world.snapshot
    let other = PublishedLimits(id: world.limits!.id, mode: .observe, limits: [])
    #expect(try Self.route(before.applying([.limits(other.id, other)]), world).caller?.limits === other)
    world.limits = nil
    #expect(try Self.route(before.applying([world.keyChange]), world).caller?.limits == nil)
  }

  /// What it allows is unknown then, which lets nothing through.
  @Test func knowsNoLimitsOfAPolicyThatIsNotThere() throws {
    var world = World()
    world.limits = World.limits(5)
    let gone = try #require(Self.route(world.snapshot.applying([.limits(world.limits!.id, nil)]), world).caller?.limits)
    #expect(gone.limits.isEmpty && gone.mode == .enforce)
  }

  @Test func isTheSameInAWholeLoad() throws {
    var world = World()
    world.limits = World.limits(5)
    let shared = World.limits(9)
    world.sharedLimits = [.online: shared]
    world.authorizationExpiresAt = UnixTime(microseconds: World.now.microseconds + 1)
    guard case .group(_, let group?) = world.groupChange, case .key(_, let key?) = world.keyChange,
      case .tenant(_, let caller?) = world.callerChange, case .tenant(_, let provider?) = world.providerChange
    else { throw Request.Incomplete() }
    var builder = SnapshotBuilder()
    builder.add(caller)
    builder.add(provider)
    builder.add(world.limits!)
    builder.add(shared)
    builder.add(group)
    builder.addKey(key.id, tenant: key.tenant, isActive: true)
    for secret in key.secrets { builder.addSecret(secret, of: key.id) }
    builder.addTerms(of: key.authorizations[0], of: key.id)
    builder.addAuthorization(.init(group: world.echo, environment: .online), of: key.id)
    let route = try Self.route(builder.build(), world)
    #expect(route.caller?.limits === world.limits)
    #expect(route.limits === shared)
  }

  @Test func isNothingForWhoIsNotAdmitted() throws {
    var world = World()
    world.accessMode = .observe
    world.limits = World.limits(5)
    world.sharedLimits = [.online: World.limits(9)]
    let route = try #require(try Request().decision(by: world.snapshot).route)
    #expect(route.caller == nil)
    #expect(route.limits != nil, "all callers share it, whoever they are")
  }
}
