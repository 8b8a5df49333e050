/// What part of the API an operation belongs to.
enum Tag: String, CaseIterable {
  case tenant = "Tenant"
  case sessions = "Sessions"
  case accounts = "Accounts"
  case accessTokens = "Access tokens"
  case subscriptionKeys = "Subscription keys"
  case apiGroups = "API groups"
  case authorizations = "Authorizations"
  case insight = "Insight"
  case document = "Document"

  /// The part that a path belongs to, by its first segment; nil for a path of no part.
  init?(of path: RoutePath) {
    let segment = path.template.split(separator: "/").first ?? ""
    guard let tag = Self.allCases.first(where: { $0.segments.contains(String(segment)) }) else { return nil }
    self = tag
  }

  /// What it is, in a sentence.
  var about: String {
    switch self {
    case .tenant: "The tenant that one is signed in to, and how one is made."
    case .sessions: "Signing in and out, and who one is."
    case .accounts: "The people of a tenant, and their way in."
    case .accessTokens: "Credentials of an account for programs."
    case .subscriptionKeys: "The keys by which callers call, and their secrets."
    case .apiGroups: "What a provider publishes: groups, their APIs, revisions and deployments."
    case .authorizations: "Which key may call what."
    case .insight: "What the gateway decides and why, who called what, and who changed what."
    case .document: "This description."
    }
  }

  private var segments: Set<String> {
    switch self {
    case .tenant: ["tenants", "tenant"]
    case .sessions: ["sessions", "me"]
    case .accounts: ["accounts", "invitations"]
    case .accessTokens: ["access-tokens"]
    case .subscriptionKeys: ["subscription-keys", "subscription-search"]
    case .apiGroups: ["api-groups", "domains"]
    case .authorizations: ["authorizations", "authorizable-groups", "limit-policies"]
    case .insight: ["explain", "audit-events", "usage", "usage.csv"]
    case .document: ["openapi.json"]
    }
  }
}
