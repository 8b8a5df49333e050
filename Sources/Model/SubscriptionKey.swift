package import FoundationEssentials

/// A caller's credential record. Its id is the subscription ID, which may be told to anybody.
package struct SubscriptionKey: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "sub" }

  /// Whether a key opens doors, its expiry aside.
  package enum State: String, CaseIterable, Sendable {
    case active, disabled
    /// For 30 days it can be restored, and is then disabled.
    case deleted
  }

  /// What a key's state may be set to.
  package enum Setting: String, CaseIterable, Sendable {
    case active, disabled
  }

  /// How many secrets a key may have at a time: two, so that rotation needs no outage.
  package static let maximumSecrets = 2
  package static let maximumProviders = 100

  package let id: ID<SubscriptionKey>
  package let name: DisplayName
  package let description: Remark?
  package let state: State
  /// From this moment on the key is refused.
  package let expiresAt: Date?
  /// The tenants whose authorizations count; `nil`: any tenant's.
  package let providers: [Slug]?
  /// Who made it; `nil` once that account is gone.
  package let createdBy: ID<Account>?
  package let createdAt, updatedAt: Date
  package let deletedAt: Date?
  /// Whether its secrets are known to be in wrong hands, so that it is never restored.
  package let isCompromised: Bool
  /// Oldest first.
  package var secrets: [Secret]

  package init(
    id: ID<SubscriptionKey>, name: DisplayName, description: Remark?, state: State, expiresAt: Date?,
    providers: [Slug]?, createdBy: ID<Account>?, createdAt: Date, updatedAt: Date, deletedAt: Date?,
    isCompromised: Bool, secrets: [Secret] = []
  ) {
    (self.id, self.name, self.description) = (id, name, description)
    (self.state, self.expiresAt, self.createdBy) = (state, expiresAt, createdBy)
    (self.createdAt, self.updatedAt, self.secrets) = (createdAt, updatedAt, secrets)
    (self.providers, self.deletedAt, self.isCompromised) = (providers, deletedAt, isCompromised)
  }
}

extension SubscriptionKey {
  /// One value of a key, as far as it is known after it was shown.
  package struct Secret: Identified, Hashable, Sendable {
    package static var idPrefix: StaticString { "sec" }

    package let id: ID<Secret>
    /// The value's beginning, by which a person tells two secrets apart.
    package let prefix: String
    package let createdAt: Date
    /// From this moment on it is refused.
    package let expiresAt: Date?
    /// When it last admitted a call: known after less than a minute.
    package let lastUsedAt: Date?

    package init(id: ID<Secret>, prefix: String, createdAt: Date, expiresAt: Date?, lastUsedAt: Date?) {
      (self.id, self.prefix) = (id, prefix)
      (self.createdAt, self.expiresAt, self.lastUsedAt) = (createdAt, expiresAt, lastUsedAt)
    }
  }

  /// A new secret with its value, for the one answer that shows it.
  package struct IssuedSecret: Sendable {
    package let secret: Secret
    /// `nil` for an imported value, which its owner has.
    package let value: SecretValue?

    package init(secret: Secret, value: SecretValue?) {
      (self.secret, self.value) = (secret, value)
    }
  }

  /// A new key with its first secret's value, for the one answer that shows it.
  package struct Issued: Sendable {
    package let key: SubscriptionKey
    package let secret: IssuedSecret

    package init(key: SubscriptionKey, secret: IssuedSecret) {
      (self.key, self.secret) = (key, secret)
    }
  }

  /// A key's further secret with its value, for the one answer that shows it, and all secrets that the key has now.
  package struct Rotation: Sendable {
    package let issued: IssuedSecret
    /// Oldest first: when the one before has gone quiet, it can be deleted.
    package let secrets: [Secret]

    package init(issued: IssuedSecret, secrets: [Secret]) {
      (self.issued, self.secrets) = (issued, secrets)
    }
  }

  /// What creating a key takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let description: Remark?
    package let expiresAt: Date?
    package let providers: [Slug]?
    /// The value of its secret; `nil`: a new one.
    package let value: ImportedValue?

    package init(
      name: DisplayName, description: Remark?, expiresAt: Date?, providers: [Slug]? = nil, value: ImportedValue? = nil
    ) {
      (self.name, self.description, self.expiresAt) = (name, description, expiresAt)
      (self.providers, self.value) = (providers, value)
    }
  }

  /// What a further secret takes.
  package struct SecretDraft: Sendable {
    package let expiresAt: Date?

    package init(expiresAt: Date? = nil) {
      self.expiresAt = expiresAt
    }
  }

  /// What may be changed of a secret.
  package struct SecretChanges: Sendable {
    package let expiresAt: Change<Date>

    package init(expiresAt: Change<Date>) {
      self.expiresAt = expiresAt
    }
  }

  /// What may be changed of a key; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let description: Change<Remark>
    package let expiresAt: Change<Date>
    package let providers: Change<[Slug]>
    package let state: Setting?

    package init(
      name: DisplayName?, description: Change<Remark>, expiresAt: Change<Date>, providers: Change<[Slug]>,
      state: Setting?
    ) {
      (self.name, self.description) = (name, description)
      (self.expiresAt, self.providers, self.state) = (expiresAt, providers, state)
    }
  }

  /// What keys are listed by: their state and, of those that are active by it, whether their time is over.
  package enum Listed: String, CaseIterable, Sendable {
    case active, disabled, expired, deleted
  }

  /// Which keys a list shows.
  package struct Filter: Sendable {
    /// Found in the name, the description or the id, in whatever case.
    package let text: SearchText?
    /// `nil`: all that are not deleted.
    package let state: Listed?

    package init(text: SearchText?, state: Listed?) {
      (self.text, self.state) = (text, state)
    }
  }
}
