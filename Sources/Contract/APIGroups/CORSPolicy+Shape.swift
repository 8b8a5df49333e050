import Model

extension CORSPolicy {
  /// As an answer shows it, whole.
  static let shape = Shape<CORSPolicy>.answer(
    "CORSPolicy",
    .required(
      "allowedOrigins", \.allowedOrigins, .allowedOrigins,
      "Whose pages: origins, all names under one as `https://*.app.example`, or `*` alone.",
      example: .strings("https://app.example")),
    .required(
      "allowedMethods", \.allowedMethods, .allowedMethods, "By which methods they may call, or `*` alone.",
      example: .strings("GET", "PUT")),
    .required(
      "allowedHeaders", \.allowedHeaders, .headerNames,
      "With which headers besides those that a key comes in, or `*` alone.", example: .strings("Content-Type")),
    .required(
      "exposedHeaders", \.exposedHeaders, .headerNames, "Which headers of answers they may read, or `*` alone.",
      example: .strings("Retry-After")),
    .required(
      "allowCredentials", \.allowsCredentials, .boolean,
      "Whether browsers send cookies and the like along; not for any origin.", example: .bool(false)),
    .required(
      "maxAgeSeconds", \.maxAge, .maxAge, "How long browsers may remember what a preflight was told.",
      example: .integer(600)), make: policy
  )

  /// As a new group gives it.
  static let creation = Shape<CORSPolicy>.request(
    "CORSPolicyCreation",
    .required(
      "allowedOrigins", \.allowedOrigins, .allowedOrigins,
      "Whose pages: origins, all names under one as `https://*.app.example`, or `*` alone.",
      example: .strings("https://app.example")),
    .defaulted(
      "allowedMethods", \.allowedMethods, .allowedMethods, to: [.any],
      "By which methods they may call, or `*` alone.", example: .strings("GET", "PUT")),
    .defaulted(
      "allowedHeaders", \.allowedHeaders, .headerNames, to: [.any],
      "With which headers besides those that a key comes in, or `*` alone.", example: .strings("Content-Type")),
    .defaulted(
      "exposedHeaders", \.exposedHeaders, .headerNames, to: [],
      "Which headers of answers they may read, or `*` alone.", example: .strings("Retry-After")),
    .defaulted(
      "allowCredentials", \.allowsCredentials, .boolean, to: false,
      "Whether browsers send cookies and the like along; not for any origin.", example: .bool(false)),
    .defaulted(
      "maxAgeSeconds", \.maxAge, .maxAge, to: defaultAge, "How long browsers may remember what a preflight was told.",
      example: .integer(600)), make: policy
  ).withoutFlaw

  private typealias Make = @Sendable ([CORSOrigin], [CORSMethod], [CORSHeader], [CORSHeader], Bool, Int) -> CORSPolicy

  private static let policy: Make = {
    CORSPolicy(
      allowedOrigins: $0, allowedMethods: $1, allowedHeaders: $2, exposedHeaders: $3, allowsCredentials: $4, maxAge: $5)
  }
}

extension CORSPolicy.Changes {
  /// Of a policy, member by member (RFC 7396), or of a new one where there is none.
  static let shape = Shape<CORSPolicy.Changes>.request(
    "CORSPolicyUpdate",
    .given(
      "allowedOrigins", \.allowedOrigins, .allowedOrigins,
      "Whose pages: origins, all names under one as `https://*.app.example`, or `*` alone.",
      example: .strings("https://app.example")),
    .changed(
      "allowedMethods", \.allowedMethods, .allowedMethods, "By which methods they may call, or `*` alone.",
      example: .strings("GET", "PUT")),
    .changed(
      "allowedHeaders", \.allowedHeaders, .headerNames,
      "With which headers besides those that a key comes in, or `*` alone.", example: .strings("Content-Type")),
    .changed(
      "exposedHeaders", \.exposedHeaders, .headerNames, "Which headers of answers they may read, or `*` alone.",
      example: .strings("Retry-After")),
    .changed(
      "allowCredentials", \.allowsCredentials, .boolean,
      "Whether browsers send cookies and the like along; not for any origin.", example: .bool(false)),
    .changed(
      "maxAgeSeconds", \.maxAge, .maxAge, "How long browsers may remember what a preflight was told.",
      example: .integer(600))
  ) {
    CORSPolicy.Changes(
      allowedOrigins: $0, allowedMethods: $1, allowedHeaders: $2, exposedHeaders: $3, allowsCredentials: $4, maxAge: $5)
  }
}

extension Shape where Value == CORSPolicy {
  /// The same, its parts going together.
  fileprivate var withoutFlaw: Shape {
    Shape(schema) { json, reading in
      guard let policy = read(json, &reading) else { return nil }
      guard let flaw = policy.flaw else { return policy }
      return reading.descend(into: flaw.member) { $0.refuse(flaw.detail) }
    } write: {
      write($0)
    }
  }
}

extension Shape where Value == [CORSOrigin] {
  fileprivate static var allowedOrigins: Shape {
    .names(1...CORSPolicy.maximumOrigins, any: .any, by: \.description)
  }
}

extension Shape where Value == [CORSMethod] {
  fileprivate static var allowedMethods: Shape {
    .names(0...CORSPolicy.maximumMethods, any: .any, by: \.description)
  }
}

extension Shape where Value == [CORSHeader] {
  fileprivate static var headerNames: Shape { .names(0...CORSPolicy.maximumHeaders, any: .any, by: \.folded) }
}

extension Shape where Value == Int {
  fileprivate static var maxAge: Shape { .integer(0...CORSPolicy.maximumAge) }
}

extension Shape {
  /// Different names, or one for all alone.
  private static func names<Name: ConstrainedText, Key: Hashable & SendableMetatype>(
    _ count: ClosedRange<Int>, any: Name, by key: @escaping @Sendable (Name) -> Key
  ) -> Shape where Value == [Name] {
    let names = Shape.distinct(.array(of: .text, count: count), by: key)
    return Shape(names.schema) { json, reading in
      guard let given = names.read(json, &reading) else { return nil }
      guard given.count > 1, let index = given.firstIndex(of: any) else { return given }
      return reading.descend(into: String(index)) { $0.refuse("must stand alone: it is all that the others are") }
    } write: {
      names.write($0)
    }
  }
}
