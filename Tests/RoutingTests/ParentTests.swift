import Model
import Routing
import Testing

/// What a parent closes, and the moment from which an expiry counts.
struct ParentTests {
  /// Something that a call needs, taken away and given back.
  struct Closing: Sendable, CustomTestStringConvertible {
    /// Which of the call's four parents is changed.
    enum Parent {
      case provider, caller, group, key
    }

    let testDescription: String
    let parent: Parent
    let refusal: Refusal
    let close: @Sendable (inout World) -> [SnapshotChange]
  }

  static let closings = [
    Closing(testDescription: "provider suspended", parent: .provider, refusal: .notDeployed) {
      $0.isProviderActive = false
      return [$0.providerChange]
    },
    Closing(testDescription: "provider gone", parent: .provider, refusal: .notDeployed) { [.tenant($0.acme, nil)] },
    Closing(testDescription: "group gone", parent: .group, refusal: .notDeployed) { [.group($0.echo, nil)] },
    Closing(testDescription: "target offline", parent: .group, refusal: .notDeployed) {
      $0.environments = []
      return [$0.groupChange]
    },
    Closing(testDescription: "other target live", parent: .group, refusal: .notDeployed) {
      $0.environments = [.test]
      return [$0.groupChange]
    },
    Closing(testDescription: "caller suspended", parent: .caller, refusal: .unauthenticated(.suspended)) {
      $0.isCallerActive = false
      return [$0.callerChange]
    },
    Closing(testDescription: "caller gone", parent: .caller, refusal: .unauthenticated(.suspended)) {
      [.tenant($0.globex, nil)]
    },
    Closing(testDescription: "key disabled", parent: .key, refusal: .unauthenticated(.disabled)) {
      $0.isKeyActive = false
      return [$0.keyChange]
    },
    Closing(testDescription: "key expired", parent: .key, refusal: .unauthenticated(.expired)) {
      $0.keyExpiresAt = World.now
      return [$0.keyChange]
    },
    Closing(testDescription: "key deleted", parent: .key, refusal: .unauthenticated(.unknown)) { [.key($0.key, nil)] },
    Closing(testDescription: "secret gone", parent: .key, refusal: .unauthenticated(.unknown)) {
      [
        .key(
          $0.key, PublishedKey(id: $0.key, tenant: $0.globex, secrets: [.init($0.second.digest)], authorizations: []))
      ]
    },
    Closing(testDescription: "secret expired", parent: .key, refusal: .unauthenticated(.expired)) {
      $0.secretExpiresAt = World.now
      return [$0.keyChange]
    },
    Closing(testDescription: "authorization gone", parent: .key, refusal: .unauthorized(.missing)) {
      $0.authorized = []
      return [$0.keyChange]
    },
    Closing(testDescription: "authorization expired", parent: .key, refusal: .unauthorized(.expired)) {
      $0.authorizationExpiresAt = World.now
      return [$0.keyChange]
    },
  ]

  @Test(arguments: closings)
  func whatAParentClosesIsRefused(_ closing: Closing) throws {
    let world = World()
    let before = world.snapshot
    var changed = world
    let after = before.applying(closing.close(&changed))
    let request = try Request(fields: world.credential)
    #expect(request.decision(by: after).refusal == closing.refusal)
    #expect(request.decision(by: before).refusal == nil, "a snapshot in use never changes")
  }

  @Test(arguments: closings)
  func whatAParentClosesIsRefusedToACallUnderWayToo(_ closing: Closing) throws {
    var world = World()
    let before = world.snapshot
    let route = try #require(try Request(fields: world.credential).decision(by: before).route)
    #expect(before.refusal(of: route.standing, at: World.now) == nil)
    let after = before.applying(closing.close(&world))
    #expect(after.refusal(of: route.standing, at: World.now) == closing.refusal)
  }

  @Test func aCallUnderWayStandsOnNothingElse() throws {
    var world = World()
    let before = world.snapshot
    let route = try #require(try Request(fields: world.credential).decision(by: before).route)
    world.apis = [World.api("POST", "/other")]
    world.environments = [.online, .test]
    world.authorized = [.online, .test]
    let stranger = PublishedKey(id: .random(), tenant: world.acme, secrets: [], authorizations: [])
    let after = before.applying([world.groupChange, world.keyChange, .key(stranger.id, stranger)])
    #expect(after.refusal(of: route.standing, at: World.now) == nil)
  }

  @Test func aCallUnderWayWithoutAKeyIsRefusedOnceOneIsRequired() throws {
    var world = World()
    world.accessMode = .open
    let before = world.snapshot
    let route = try #require(try Request().decision(by: before).route)
    world.accessMode = .observe
    #expect(before.applying([world.groupChange]).refusal(of: route.standing, at: World.now) == nil)
    world.accessMode = .required
    let required = before.applying([world.groupChange])
    #expect(required.refusal(of: route.standing, at: World.now) == .unauthenticated(.missing))
  }

  @Test(arguments: closings)
  func whatAParentOpensAgainIsAsItWas(_ closing: Closing) throws {
    let world = World()
    var changed = world
    let reopened = world.snapshot.applying(closing.close(&changed))
      .applying([world.providerChange, world.callerChange, world.groupChange, world.keyChange])
    #expect(try Request(fields: world.credential).decision(by: reopened).refusal == nil)
  }

  @Test(arguments: closings, closings)
  func openingOneOfTwoResurrectsNothing(_ first: Closing, _ second: Closing) throws {
    guard first.parent != second.parent else { return }
    let world = World()
    var (changed, other) = (world, world)
    let closed = world.snapshot.applying(first.close(&changed)).applying(second.close(&other))
    let reopened = closed.applying([world.change(of: first.parent)])
    #expect(try Request(fields: world.credential).decision(by: reopened).refusal != nil)
  }

  /// The same within one parent, whose new state has the other closing still, in whichever order they came.
  @Test(arguments: closings, closings)
  func openingOneOfTwoOfTheSameParentLeavesTheOther(_ first: Closing, _ second: Closing) throws {
    guard first.parent == second.parent, first.testDescription != second.testDescription else { return }
    let world = World()
    var (both, other) = (world, world)
    let closed = world.snapshot.applying(first.close(&both)).applying(second.close(&both))
    #expect(try Request(fields: world.credential).decision(by: closed).refusal != nil)
    let reopened = closed.applying(second.close(&other))
    #expect(try Request(fields: world.credential).decision(by: reopened).refusal == second.refusal)
    // A group that comes back brings no authorizations: the key does.
    let opened = reopened.applying([world.change(of: first.parent), world.keyChange])
    #expect(try Request(fields: world.credential).decision(by: opened).refusal == nil)
  }

  @Test func aGroupThatComesBackBringsNoAuthorizationsOfItsOwn() throws {
    let world = World()
    let snapshot = world.snapshot.applying([.group(world.echo, nil)]).applying([world.groupChange])
    #expect(
      try Request(fields: world.credential).decision(by: snapshot).refusal == .unauthorized(.missing))
  }

  @Test(arguments: [(-1, nil), (0, .expired), (1, .expired)] as [(Int64, CredentialFlaw?)])
  func aKeyExpiresAtItsMoment(offset: Int64, flaw: CredentialFlaw?) throws {
    var world = World()
    world.keyExpiresAt = World.now
    let now = UnixTime(microseconds: World.now.microseconds + offset)
    let refusal = try Request(fields: world.credential).decision(by: world.snapshot, at: now).refusal
    #expect(refusal == flaw.map(Refusal.unauthenticated))
  }

  @Test(arguments: [(-1, nil), (0, .expired), (1, .expired)] as [(Int64, CredentialFlaw?)])
  func aSecretExpiresAtItsMicrosecondAndTheOtherNot(offset: Int64, flaw: CredentialFlaw?) throws {
    var world = World()
    world.secretExpiresAt = World.now
    let now = UnixTime(microseconds: World.now.microseconds + offset)
    let refusal = try Request(fields: world.credential).decision(by: world.snapshot, at: now).refusal
    #expect(refusal == flaw.map(Refusal.unauthenticated))
    #expect(try Request(fields: world.secondCredential).decision(by: world.snapshot, at: now).refusal == nil)
  }

  @Test(arguments: [(-1, nil), (0, .expired), (1, .expired)] as [(Int64, AuthorizationFlaw?)])
  func anAuthorizationExpiresAtItsMoment(offset: Int64, flaw: AuthorizationFlaw?) throws {
    var world = World()
    world.authorizationExpiresAt = World.now
    let now = UnixTime(microseconds: World.now.microseconds + offset)
    let refusal = try Request(fields: world.credential).decision(by: world.snapshot, at: now).refusal
    #expect(refusal == flaw.map(Refusal.unauthorized))
  }
}

extension World {
  fileprivate func change(of parent: ParentTests.Closing.Parent) -> SnapshotChange {
    switch parent {
    case .provider: providerChange
    case .caller: callerChange
    case .group: groupChange
    case .key: keyChange
    }
  }
}
