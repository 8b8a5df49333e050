package import Postgres

/// Why the database did not do what a use case wanted, as far as a use case can tell its caller.
package enum StoreError: Error, Equatable {
  /// Something of this kind exists already.
  case conflict(UniqueConstraint)
  /// A rule of the schema forbids it.
  case forbidden(SchemaRule)
  /// Something that was referred to does not exist, or no longer.
  case invalidReference(constraint: String)
  /// The database cannot be used now; nothing was changed, as far as is known.
  case unavailable
  /// A mistake of ours, or of the schema.
  case unexpected(PostgresError)

  init(_ error: PostgresError) {
    self =
      if error.isUnavailable || error.isSerializationFailure {
        .unavailable
      } else if error.isUniqueViolation, let constraint = error.constraint.flatMap(UniqueConstraint.init) {
        .conflict(constraint)
      } else if error.isCheckViolation, let rule = error.constraint.flatMap(SchemaRule.init) {
        .forbidden(rule)
      } else if error.isForeignKeyViolation, let constraint = error.constraint {
        .invalidReference(constraint: constraint)
      } else {
        .unexpected(error)
      }
  }
}

/// The schema's unique constraints that a caller can run into.
package enum UniqueConstraint: String, Sendable {
  case tenantSlug = "tenants_slug_unique"
  case accountEmail = "accounts_email_unique"
  case groupPrefix = "api_groups_prefix_unique"
  case apiShape = "apis_shape_unique"
  case revisionVersion = "revisions_version_unique"
  /// The tenant has claimed the host already.
  case ownHost = "domains_own_host_unique"
  /// The host is verified for some tenant.
  case verifiedHost = "domains_host_unique"
}

/// The schema's checks that a caller can run into.
package enum SchemaRule: String, Sendable {
  case prefixFrozen = "api_groups_prefix_frozen"
  case keyQuota = "subscription_keys_quota"
  case groupQuota = "api_groups_quota"
  case apiQuota = "apis_quota"
  case authorizationQuota = "authorizations_quota"
  case domainQuota = "domains_quota"
  case liveAPIQuota = "live_apis_quota"
  case liveByteQuota = "live_bytes_quota"
  case targetQuota = "authorization_targets_quota"
  case revisionAPIQuota = "revision_apis_quota"
  case deploymentQuota = "deployments_quota"
  case accountQuota = "accounts_quota"
  case accessTokenQuota = "access_tokens_quota"
  case limitPolicyQuota = "limit_policies_quota"
  /// Whose change it is has been let in no more since it was asked for.
  case actorLetIn = "audit_events_actor_let_in"
  /// Whose change it is has a lesser role than when it was asked for.
  case actorRole = "audit_events_actor_role"
}
