/// What a group's answers let the pages of other origins read, as the Fetch standard has it (§3.3, CORS protocol).
///
/// Browsers keep to it, and nobody else: it lets pages in, and keeps no caller out.
package struct CORSPolicy: Hashable, Sendable {
  package static let maximumOrigins = 50
  package static let maximumMethods = 16
  package static let maximumHeaders = 64
  /// In seconds; what browsers take at most.
  package static let maximumAge = 86_400
  /// In seconds; what browsers take where nothing is said.
  package static let defaultAge = 5

  package let allowedOrigins: [CORSOrigin]
  package let allowedMethods: [CORSMethod]
  /// Besides those that a key comes in, which are allowed always.
  package let allowedHeaders: [CORSHeader]
  package let exposedHeaders: [CORSHeader]
  /// Whether a browser sends cookies and the like, and lets the page read the answer then.
  package let allowsCredentials: Bool
  /// For how many seconds a browser may remember a preflight's answer.
  package let maxAge: Int

  package init(
    allowedOrigins: [CORSOrigin], allowedMethods: [CORSMethod] = [.any], allowedHeaders: [CORSHeader] = [.any],
    exposedHeaders: [CORSHeader] = [], allowsCredentials: Bool = false, maxAge: Int = defaultAge
  ) {
    (self.allowedOrigins, self.allowedMethods) = (allowedOrigins, allowedMethods)
    (self.allowedHeaders, self.exposedHeaders) = (allowedHeaders, exposedHeaders)
    (self.allowsCredentials, self.maxAge) = (allowsCredentials, maxAge)
  }

  package var allowsAnyOrigin: Bool { allowedOrigins.contains(.any) }

  /// What of it does not go together, by the member that is at fault; nil when all does.
  package var flaw: (member: String, detail: String)? {
    guard allowsCredentials else { return nil }
    if allowsAnyOrigin {
      return ("allowCredentials", "must be false where any origin is allowed: every page could act as its visitor")
    }
    if exposedHeaders.contains(.any) {
      return ("exposedHeaders", "must be names where credentials are allowed: browsers take * for a name then")
    }
    return nil
  }
}

extension CORSPolicy {
  /// What may be changed of a policy, or given of a new one; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let allowedOrigins: [CORSOrigin]?
    package let allowedMethods: Change<[CORSMethod]>
    package let allowedHeaders, exposedHeaders: Change<[CORSHeader]>
    package let allowsCredentials: Change<Bool>
    package let maxAge: Change<Int>

    package init(
      allowedOrigins: [CORSOrigin]?, allowedMethods: Change<[CORSMethod]>, allowedHeaders: Change<[CORSHeader]>,
      exposedHeaders: Change<[CORSHeader]>, allowsCredentials: Change<Bool>, maxAge: Change<Int>
    ) {
      (self.allowedOrigins, self.allowedMethods) = (allowedOrigins, allowedMethods)
      (self.allowedHeaders, self.exposedHeaders) = (allowedHeaders, exposedHeaders)
      (self.allowsCredentials, self.maxAge) = (allowsCredentials, maxAge)
    }

    /// The changed policy: what is cleared, and what a new one leaves out, is as by default.
    /// - Throws: Where a new one names no origins, or the parts do not go together.
    package func applied(to policy: CORSPolicy?) throws(InvalidInput) -> CORSPolicy {
      guard let origins = allowedOrigins ?? policy?.allowedOrigins else {
        throw InvalidInput("/cors/allowedOrigins", "is missing")
      }
      let changed = CORSPolicy(
        allowedOrigins: origins, allowedMethods: allowedMethods.applied(to: policy?.allowedMethods) ?? [.any],
        allowedHeaders: allowedHeaders.applied(to: policy?.allowedHeaders) ?? [.any],
        exposedHeaders: exposedHeaders.applied(to: policy?.exposedHeaders) ?? [],
        allowsCredentials: allowsCredentials.applied(to: policy?.allowsCredentials) ?? false,
        maxAge: maxAge.applied(to: policy?.maxAge) ?? defaultAge)
      if let flaw = changed.flaw { throw InvalidInput("/cors/\(flaw.member)", flaw.detail) }
      return changed
    }
  }
}

extension Change {
  /// What becomes of a value that may be absent.
  fileprivate func applied(to old: Value?) -> Value? {
    switch self {
    case .keep: old
    case .clear: nil
    case .set(let value): value
    }
  }
}

extension CORSPolicy {
  /// A policy as it is stored, its lists as texts; nil where one of them could not be in a policy.
  package init?(
    origins: [String], methods: [String], headers: [String], exposedHeaders: [String], credentials: Bool, maxAge: Int
  ) {
    let allowed = (origins.compactMap { CORSOrigin($0) }, methods.compactMap { CORSMethod($0) })
    let names = (headers.compactMap { CORSHeader($0) }, exposedHeaders.compactMap { CORSHeader($0) })
    guard allowed.0.count == origins.count, allowed.1.count == methods.count, names.0.count == headers.count,
      names.1.count == exposedHeaders.count, (0...Self.maximumAge).contains(maxAge)
    else { return nil }
    self.init(
      allowedOrigins: allowed.0, allowedMethods: allowed.1, allowedHeaders: names.0, exposedHeaders: names.1,
      allowsCredentials: credentials, maxAge: maxAge)
    if flaw != nil { return nil }
  }
}
