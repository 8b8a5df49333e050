import Model
import Testing

@testable import Routing

/// A snapshot written and read back, and all that is no snapshot refused.
struct SnapshotFileTests {
  private static let provenance = SnapshotProvenance(
    sequence: 7, origin: "host=a dbname=b", position: ["1:1:", "x/y"])

  private static func bytes(of snapshot: Snapshot) throws -> [UInt8] {
    let bytes = Collected()
    _ = try snapshot.write(provenance) { bytes.all += $0 }
    return bytes.all
  }

  private final class Collected {
    var all: [UInt8] = []
  }

  /// Reads bytes that come a few at a time.
  private static func decoded(_ bytes: [UInt8], byteCount: Int? = nil) throws -> (SnapshotProvenance, Snapshot) {
    let unread = Collected()
    unread.all = bytes.reversed()
    let decoder = try SnapshotDecoder(byteCount: byteCount ?? bytes.count) { buffer in
      let count = min(buffer.count, unread.all.count, 1 << 16)
      buffer.copyBytes(from: unread.all.suffix(count).reversed())
      unread.all.removeLast(count)
      return count
    }
    return (decoder.provenance, try decoder.snapshot().0)
  }

  private static let worlds: [World] = {
    var worlds = (0..<20).map { _ in World() }
    worlds[1].backend = .mock(
      MockResponse(status: 201, headers: [.init(name: "X-A", value: "1"), .init(name: "X-B", value: "")], body: "ä"))
    worlds[2].isKeyActive = false
    worlds[3].keyExpiresAt = World.now
    worlds[4].authorizationExpiresAt = World.now
    worlds[5].isCallerActive = false
    worlds[6].accessMode = .observe
    worlds[7].keyHeaders = ["X-Api-Key", "Authorization"]
    worlds[8].environments = DeploymentEnvironment.allCases
    worlds[9].apis = [
      World.api("GET", "/a/{b}/c"), World.api("POST", "/a/x", .prefix), World.api("ANY", "/d/", .prefix),
      World.api("GET", "/"),
    ]
    worlds[10].environments = []
    worlds[11].isProviderActive = false
    worlds[13].environments = DeploymentEnvironment.allCases
    worlds[13].accessModes = [.test: .open, .preview: .observe]
    worlds[8].cors = CORSPolicy(allowedOrigins: [.any])
    worlds[7].cors = CORSPolicy(
      allowedOrigins: [CORSOrigin("https://a.example")!, CORSOrigin("https://*.b.example:8443")!],
      allowedMethods: [CORSMethod("PUT")!], allowedHeaders: [CORSHeader("X-A")!], exposedHeaders: [CORSHeader("X-B")!],
      allowsCredentials: true, maxAge: 86_400)
    worlds[12].sealedHeaders = Array(0...255)
    worlds[13].secretExpiresAt = World.now
    worlds[14].secretExpiresAt = UnixTime(microseconds: World.now.microseconds + 1)
    worlds[15].limits = World.limits(7)
    worlds[16].limits = World.limits(8, .observe)
    worlds[16].sharedLimits = [.online: World.limits(9)]
    worlds[16].authorizationExpiresAt = UnixTime(microseconds: World.now.microseconds + 1)
    return worlds
  }()

  private static let domains = worlds.map { _ in ID<Domain>.random() }

  /// All of the worlds in one snapshot, the provider of each under its own slug.
  private static let snapshot: Snapshot = {
    let changes = worlds.enumerated().flatMap { index, world -> [SnapshotChange] in
      guard case .group(let id, let group?) = world.groupChange else { return [] }
      let slug = Slug("p\(index)")!
      return [
        .tenant(world.acme, PublishedTenant(id: world.acme, slug: slug, isActive: world.isProviderActive)),
        world.callerChange, world.keyChange,
      ] + world.limitChanges + [
        .group(
          id,
          PublishedGroup(
            id: id, tenant: group.tenant, tenantSlug: slug, prefix: group.prefix, accessMode: group.accessMode,
            accessModes: group.accessModes, limits: group.limits, keyHeaders: group.keyHeaders, cors: group.cors,
            live: group.live)),
        .domain(
          domains[index],
          PublishedDomain(
            id: domains[index], host: HostName("api.p\(index).example")!, group: id,
            environment: index.isMultiple(of: 5) ? .test : .online)),
      ]
    }
    // Numbers that lead nowhere any more: of a group that is gone, and of a tenant that was never told of.
    let gone = World()
    return Snapshot.empty.applying([gone.groupChange]).applying([.group(gone.echo, nil)]).applying(changes)
  }()

  private static func outcome(_ request: Request, _ snapshot: Snapshot) -> String {
    switch request.decision(by: snapshot) {
    case .refuse(let refusal, let target, _):
      return "\(refusal) \(String(describing: target?.crossOrigin?.policy))"
    case .preflight(let preflight): return "\(preflight.answer)"
    case .forward(let route):
      var backend = ""
      switch route.target.backend {
      case .http(let http):
        backend = "\(http.url) \(http.authority) \(http.basePath) \(String(describing: http.sealed))"
      case .mock(let mock): backend = "\(mock)"
      }
      return "\(route.api) \(backend) \(route.target.deployment) \(route.target.tenant) \(route.verdict) "
        + "\(String(describing: route.caller.map { "\($0.subscription) \($0.tenantSlug)" }))"
        + "\(told(route.limits)) \(told(route.caller?.limits))"
    }
  }

  private static func told(_ limits: PublishedLimits?) -> String {
    limits.map { "\($0.id) \($0.mode) \($0.limits)" } ?? "-"
  }

  @Test func decidesAsTheSnapshotThatWasWritten() throws {
    let (provenance, read) = try Self.decoded(try Self.bytes(of: Self.snapshot))
    #expect(provenance == Self.provenance)
    for (index, world) in Self.worlds.enumerated() {
      for environment in DeploymentEnvironment.allCases {
        for path in ["/hello", "/any/x", "/a/1/c", "/a/x/y", "/d/e", ""] {
          for field in [world.credential, "X-Api-Key: \(world.second.revealed)", "X-None: 1"] {
            for request in [
              try Request("GET /p\(index)/\(environment)/echo\(path)", field),
              try Request("GET \(path.isEmpty ? "/" : path)", host: "API.p\(index).example", field),
              try Request(
                "OPTIONS /p\(index)/\(environment)/echo\(path)", "Origin: https://a.example",
                "Access-Control-Request-Method: PUT"),
            ] {
              #expect(Self.outcome(request, read) == Self.outcome(request, Self.snapshot))
            }
          }
        }
      }
    }
  }

  /// What is read takes changes as what was written does: numbers go on, and nothing of another is touched.
  @Test func goesOnFromWhatWasRead() throws {
    let (_, read) = try Self.decoded(try Self.bytes(of: Self.snapshot))
    let new = World()
    let changed = read.applying([new.providerChange, new.callerChange, new.groupChange, new.keyChange])
      .applying([.key(Self.worlds[0].key, nil), .group(Self.worlds[6].echo, nil)])
    #expect(try Request(fields: new.credential).decision(by: changed).route != nil)
    let first = try Request("GET /p0/online/echo/hello", Self.worlds[0].credential)
    #expect(first.decision(by: changed).refusal == .unauthenticated(.unknown))
    let sixth = try Request("GET /p6/online/echo/hello", Self.worlds[6].credential)
    #expect(sixth.decision(by: changed).refusal == .notDeployed)
    let seventh = try Request("GET /p7/online/echo/hello", Self.worlds[7].credential)
    #expect(seventh.decision(by: changed).route != nil)
    let own = try Request("GET /hello", host: "api.p7.example", Self.worlds[7].credential)
    #expect(own.decision(by: changed).route?.form == .domain)
    #expect(own.decision(by: changed.applying([.domain(Self.domains[7], nil)])).refusal == .notDeployed)
  }

  @Test func readsAnEmptySnapshot() throws {
    let (_, read) = try Self.decoded(try Self.bytes(of: .empty))
    #expect(try Request(fields: World().credential).decision(by: read).refusal == .notDeployed)
  }

  @Test func holdsNoSecret() throws {
    let bytes = try Self.bytes(of: Self.snapshot)
    let digest = Self.worlds[0].secret.digest
    // Two halves, each in the machine's own order.
    let high = withUnsafeBytes(of: UInt64(truncatingIfNeeded: digest.high)) { Array($0) }
    #expect(bytes.contains(high), "digests are there")
    for world in Self.worlds { #expect(!bytes.contains(Array(world.secret.revealed.utf8))) }
  }

  @Test func refusesATruncatedFile() throws {
    let bytes = try Self.bytes(of: Self.snapshot)
    for length in Array(0..<200) + Array(stride(from: 200, to: bytes.count, by: 9_973)) + [bytes.count - 1] {
      #expect(throws: SnapshotFileError.self) { try Self.decoded(Array(bytes[..<length])) }
      // Also when it is cut short while it is read.
      #expect(throws: SnapshotFileError.truncated) { try Self.decoded(Array(bytes[..<length]), byteCount: bytes.count) }
    }
  }

  @Test func refusesWhatGoesOn() throws {
    let bytes = try Self.bytes(of: Self.snapshot)
    #expect(throws: SnapshotFileError.self) { try Self.decoded(bytes + [0]) }
    #expect(throws: SnapshotFileError.tooLong) { try Self.decoded(bytes + [0], byteCount: bytes.count) }
  }

  @Test func refusesADamagedFile() throws {
    let bytes = try Self.bytes(of: Self.snapshot)
    for place in Array(stride(from: 0, to: 6_000, by: 101)) + Array(stride(from: 6_000, to: bytes.count, by: 4_001)) {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(throws: SnapshotFileError.self) { try Self.decoded(damaged) }
    }
  }

  @Test func refusesAnotherFormatAndVersion() throws {
    var bytes = try Self.bytes(of: .empty)
    for version in [0, 1, 99] as [UInt8] {
      bytes[8] = version
      #expect(throws: SnapshotFileError.otherVersion(UInt32(version))) { try Self.decoded(bytes) }
    }
    bytes[0] = 0
    #expect(throws: SnapshotFileError.unknownFormat) { try Self.decoded(bytes) }
  }

  /// With the checksum put right, damage is either seen or harmless: whatever was read can be decided by and changed.
  @Test(arguments: 0..<4)
  func neverFailsOnWhatItReads(seed: UInt64) throws {
    var source = SeededSource(seed: seed)
    let bytes = try Self.bytes(of: Self.snapshot)
    var accepted = 0
    for round in 0..<40 {
      var damaged = bytes
      // Most parts are near the beginning: what lies in shards is repeated thousands of times.
      let end = round.isMultiple(of: 2) ? min(bytes.count - 8, 6_000) : bytes.count - 8
      for _ in 0..<Int.random(in: 1...3, using: &source) {
        let place = Int.random(in: 12..<end, using: &source)
        damaged[place] = [0, 1, 0x7F, 0x80, 0xFF, damaged[place] &+ 1].randomElement(using: &source)!
      }
      Self.putChecksumRight(&damaged)
      guard let (_, read) = try? Self.decoded(damaged) else { continue }
      accepted += 1
      try Self.use(read)
    }
    #expect(accepted > 0, "some damage is to what any value may have")
  }

  private static func putChecksumRight(_ bytes: inout [UInt8]) {
    var hash = ContentHash()
    bytes.dropLast(8).withUnsafeBytes { hash.update($0) }
    bytes.replaceSubrange((bytes.count - 8)..., with: withUnsafeBytes(of: hash.value) { Array($0) })
  }

  private static func use(_ snapshot: Snapshot) throws {
    for (index, world) in worlds.enumerated() {
      let request = try Request("GET /p\(index)/online/echo/a/x/c", world.credential)
      _ = request.decision(by: snapshot)
      let own = try Request("GET /hello", host: "api.p\(index).example", world.credential)
      _ = own.decision(by: snapshot)
      _ = own.decision(by: snapshot.applying([.domain(domains[index], nil)]))
      _ = request.decision(by: snapshot.applying([world.groupChange, world.keyChange, world.callerChange]))
    }
  }

  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("xxhash", 0x32DD_38952C4BC720), ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func hashesAsSpecified(text: String, expected: UInt64) {
    for step in 1...7 {
      var hash = ContentHash()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: step) {
        bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { hash.update($0) }
      }
      #expect(hash.value == expected)
    }
  }
}
