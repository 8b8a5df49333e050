import Model
import Postgres
import Routing

/// A stored value that this version cannot read. It names no value.
struct UnreadableValue: Error, Equatable {
  let what: String
}

extension Row {
  /// The id in the column at `position`, read without making a String.
  func id<Entity>(at position: Int, of _: Entity.Type = Entity.self) throws -> ID<Entity> {
    guard let id = try withBytes(at: position, { ID<Entity>(utf8: $0) }) else { throw UnreadableValue(what: "id") }
    return id
  }

  func slug(at position: Int) throws -> Slug {
    guard let slug = Slug(try decode(position)) else { throw UnreadableValue(what: "slug") }
    return slug
  }

  func environment(at position: Int) throws -> DeploymentEnvironment {
    let environment = try withBytes(at: position) { bytes in
      DeploymentEnvironment.allCases.first { $0.rawValue.utf8.elementsEqual(bytes) }
    }
    guard let environment else { throw UnreadableValue(what: "environment") }
    return environment
  }

  func accessMode(at position: Int) throws -> AccessMode {
    guard let mode = AccessMode(rawValue: try decode(position)) else { throw UnreadableValue(what: "access mode") }
    return mode
  }

  /// The policy whose six columns begin at `position`.
  func corsPolicy(at position: Int) throws -> CORSPolicy? {
    if isNull(at: position) { return nil }
    let policy = CORSPolicy(
      origins: try decode(position), methods: try decode(position + 1), headers: try decode(position + 2),
      exposedHeaders: try decode(position + 3), credentials: try decode(position + 4), maxAge: try decode(position + 5))
    guard let policy else { throw UnreadableValue(what: "CORS policy") }
    return policy
  }

  /// The `timestamptz` at `position` with all its microseconds; null, `infinity` and a column that is not there are the
  /// distant future, and what is no time has passed.
  func expiry(at position: Int) throws -> UnixTime {
    if isNull(at: position) { return .distantFuture }
    let microseconds = try withBytes(at: position) { bytes in
      bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : .min
    }
    return UnixTime(microsecondsSince2000: microseconds)
  }

  func digest(at position: Int) throws -> SecretDigest {
    guard let digest = try withBytes(at: position, SecretDigest.init(bytes:)) else {
      throw UnreadableValue(what: "digest")
    }
    return digest
  }

  /// Whether the text at `position` is `text`.
  func isText(_ text: StaticString, at position: Int) throws -> Bool {
    try withBytes(at: position) { bytes in text.withUTF8Buffer { bytes.elementsEqual($0) } }
  }
}

extension UnixTime {
  /// From PostgreSQL's epoch. Its infinities, the ends of 64 bits, stay what they are.
  init(microsecondsSince2000 microseconds: Int64) {
    let (sum, overflows) = microseconds.addingReportingOverflow(946_684_800_000_000)
    self.init(microseconds: overflows || microseconds == .max ? .max : microseconds == .min ? .min : sum)
  }
}
