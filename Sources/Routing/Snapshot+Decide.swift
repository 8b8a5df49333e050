package import Framing
import Model

extension Snapshot {
  /// What becomes of a call, in the order that refusals are promised in: an exposed secret, nothing live, a preflight that
  /// the group's policy answers, the credential, the authorization, the API and its method.
  ///
  /// It allocates nothing but what SHA-256 needs for a key that `memo` does not know, and a preflight's answer.
  /// - Parameters:
  ///   - head: Read from `bytes`, whose fields hold the credentials: the call's own, or the check's.
  ///   - now: What expiries are held against: from the moment of its expiry on, a thing has expired.
  ///   - memo: The connection's; it changes how long a decision takes and nothing else.
  package func decide(
    _ call: Call, _ head: RequestHead, in bytes: Span<UInt8>, at now: UnixTime, addressing: Addressing = .pathOnly,
    memo: inout SecretMemo
  ) -> Decision {
    precondition(head.byteCount <= bytes.count, "a head is decided on with its bytes")
    let location = locate(call, addressing, bytes)
    if ExposedSecret.isIn(head, of: location.target, bytes) { return .refuse(.exposedSecret, location.target, nil) }
    guard let target = location.target else { return .refuse(.notDeployed, nil, nil) }
    if let rules = target.crossOrigin, let preflight = rules.preflight(call, head, of: target, in: bytes) {
      return .preflight(preflight)
    }
    let credential = credential(in: head, for: target, bytes, &memo)
    let admission = admit(credential, to: target, now)
    let presented = admission.isOfSomebody ? credential.digest : nil
    if target.accessMode == .required, case .refused(let refusal) = admission {
      return .refuse(refusal, target, presented)
    }
    switch location.apiPath.map({ target.match($0, method: call.method, in: bytes) }) {
    case .api(let api):
      return .forward(
        Route(
          target: target, apiPath: location.apiPath ?? .none, api: api, form: location.form,
          caller: admission.caller, limits: target.limits.map { limits[$0] },
          verdict: target.accessMode == .open ? .notJudged : admission.verdict,
          standing: Standing(
            group: target.group, environment: target.environment, domain: location.host?.domain,
            credential: credential)))
    case .otherMethods(let methods): return .refuse(.methodNotAllowed(methods), target, presented)
    case .noPath, nil: return .refuse(.noSuchAPI, target, presented)
    }
  }

  /// What becomes of a call that shares its connection with no other.
  package func decide(
    _ call: Call, _ head: RequestHead, in bytes: Span<UInt8>, at now: UnixTime, addressing: Addressing = .pathOnly
  ) -> Decision {
    var memo = SecretMemo()
    return decide(call, head, in: bytes, at: now, addressing: addressing, memo: &memo)
  }

  /// What the `cors` policy of the group that a call's address leads to has an answer say, whatever becomes of the call;
  /// nil without one.
  package func crossOriginFields(
    for call: Call, _ head: RequestHead, in bytes: Span<UInt8>, addressing: Addressing
  ) -> CrossOriginFields? {
    locate(call, addressing, bytes).target?.crossOrigin?.fields(for: head, in: bytes)
  }

  /// Why a call that was forwarded would be refused now; nil while it would not be.
  ///
  /// For calls that go on for long: what they were admitted by can be revoked or expire meanwhile.
  package func refusal(of standing: Standing, at now: UnixTime) -> Refusal? {
    guard let target = live(groups.target(standing.group, standing.environment)) else { return .notDeployed }
    if let domain = standing.domain {
      guard let host = hosts.find(domain), host.group == standing.group, host.environment == standing.environment
      else { return .notDeployed }
    }
    guard target.accessMode == .required,
      case .refused(let refusal) = admit(standing.credential, to: target, now)
    else { return nil }
    return refusal
  }

  private func admit(_ credential: Credential, to target: Target, _ now: UnixTime) -> Admission {
    switch credential {
    case .flawed(let flaw): .refused(.unauthenticated(flaw))
    case .secret(let digest): admit(digest, to: target, now)
    }
  }

  private func credential(
    in head: borrowing RequestHead, for target: borrowing Target, _ bytes: Span<UInt8>, _ memo: inout SecretMemo
  ) -> Credential {
    var credential: Field?
    for field in head.fields where target.isCredential(field, in: bytes) {
      guard credential == nil else { return .flawed(.several) }
      credential = field
    }
    guard let credential else { return .flawed(.missing) }
    guard let key = target.key(in: credential, bytes) else { return .flawed(.malformed) }
    if let digest = memo.digest(of: key, in: bytes) { return .secret(digest) }
    return importedSecret(key, of: target.tenant, bytes, memo).map(Credential.secret) ?? .flawed(.malformed)
  }

  /// What a value that is none of ours comes to where `tenant` is the provider: under the newest key, unless it is known
  /// under another.
  @inline(never)
  private func importedSecret(
    _ value: ByteRange, of tenant: ID<Tenant>, _ bytes: Span<UInt8>, _ memo: borrowing SecretMemo
  ) -> SecretDigest? {
    guard let keys = memo.importedValueKeys else { return nil }
    return bytes.extracting(value.indices).withUnsafeBytes { value in
      guard ImportedValue.isWellFormed(value) else { return nil }
      for key in keys.keys.dropFirst() {
        let digest = key.digest(of: value, for: tenant)
        if self.keys.nearest(digest)?.secret != nil { return digest }
      }
      return keys.newest.digest(of: value, for: tenant)
    }
  }

  /// Looks at all of a key before it says anything, and where there is none at all of another: whatever is wrong with a
  /// credential is told in the same time.
  private func admit(_ digest: SecretDigest, to target: Target, _ now: UnixTime) -> Admission {
    guard let (key, secret) = keys.nearest(digest) else { return .refused(.unauthenticated(.unknown)) }
    let tenant = tenants[key.tenant]
    let expiry = min(key.expiresAt, key.expiry(ofSecret: secret ?? 0))
    let authorization = key.index(of: target.number)
    let authorizationExpiry = authorization.map { key.expiry(ofTarget: $0) }
    let flaws = KeyFlaws(
      isUnknown: secret == nil, isDisabled: !key.isActive, hasExpired: expiry <= now, isSuspended: !tenant.isActive,
      isUnauthorized: authorizationExpiry == nil,
      authorizationHasExpired: (authorizationExpiry ?? .distantFuture) <= now)
    if let refusal = flaws.gravest { return .refused(refusal) }
    let ownLimits = authorization.flatMap { key.limits(ofTarget: $0) }.map { limits[$0] }
    return .admitted(
      Caller(
        subscription: ID(bits: key.id), tenantSlug: tenant.slug, tenantNumber: key.tenant, limits: ownLimits))
  }
}

/// What is wrong with a key for a target, all of it. Put together without a branch, so that no compiler leaves out the
/// rest once something was found.
private struct KeyFlaws {
  private let bits: UInt8

  @inline(__always)
  init(
    isUnknown: Bool, isDisabled: Bool, hasExpired: Bool, isSuspended: Bool, isUnauthorized: Bool,
    authorizationHasExpired: Bool
  ) {
    func bit(_ flaw: Bool, _ place: UInt8) -> UInt8 { (flaw ? 1 : 0) << place }
    bits =
      bit(isUnknown, 0) | bit(isDisabled, 1) | bit(hasExpired, 2) | bit(isSuspended, 3) | bit(isUnauthorized, 4)
      | bit(authorizationHasExpired, 5)
  }

  /// The first of them in the order that refusals are promised in.
  @inline(__always)
  var gravest: Refusal? {
    switch bits.trailingZeroBitCount {
    case 0: .unauthenticated(.unknown)
    case 1: .unauthenticated(.disabled)
    case 2: .unauthenticated(.expired)
    case 3: .unauthenticated(.suspended)
    case 4: .unauthorized(.missing)
    case 5: .unauthorized(.expired)
    default: nil
    }
  }
}

/// Whether `required` admits a call.
private enum Admission {
  case admitted(Caller)
  case refused(Refusal)

  var caller: Caller? {
    if case .admitted(let caller) = self { caller } else { nil }
  }

  /// Whether the credential is a secret of some key, good or not.
  var isOfSomebody: Bool {
    switch self {
    case .admitted: true
    case .refused(let refusal): refusal != .unauthenticated(.unknown)
    }
  }

  var verdict: Verdict {
    switch self {
    case .admitted: .admitted
    case .refused(let refusal): .wouldRefuse(refusal)
    }
  }
}

/// What a head's credentials come to.
enum Credential: Sendable {
  case secret(SecretDigest)
  case flawed(CredentialFlaw)

  var digest: SecretDigest? {
    if case .secret(let digest) = self { digest } else { nil }
  }
}
