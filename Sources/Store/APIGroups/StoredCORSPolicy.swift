import Model
import Postgres

/// A group's policy as its columns have it.
struct StoredCORSPolicy {
  let origins, methods, headers, exposedHeaders: [String]
  let credentials: Bool
  let maxAge: Int

  init(_ policy: CORSPolicy) {
    (origins, methods) = (policy.allowedOrigins.map(\.description), policy.allowedMethods.map(\.description))
    (headers, exposedHeaders) = (policy.allowedHeaders.map(\.description), policy.exposedHeaders.map(\.description))
    (credentials, maxAge) = (policy.allowsCredentials, policy.maxAge)
  }
}

extension Row {
  /// Reads `cors_origins, cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age`.
  mutating func nextCORSPolicy() throws -> CORSPolicy? {
    let (origins, methods) = (try next([String]?.self), try next([String]?.self))
    let (headers, exposed) = (try next([String]?.self), try next([String]?.self))
    let (credentials, maxAge) = (try next(Bool?.self), try next(Int?.self))
    guard let origins, let methods, let headers, let exposed, let credentials, let maxAge else { return nil }
    return CORSPolicy(
      origins: origins, methods: methods, headers: headers, exposedHeaders: exposed, credentials: credentials,
      maxAge: maxAge)
  }
}
