package import FoundationEssentials

/// A caller's credential record. Its id is the subscription ID, which may be told to anybody.
package struct SubscriptionKey: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "sub" }

  /// Whether a key opens doors, its expiry aside.
  package enum State: String, CaseIterable, Sendable {
    case active, disabled
  }

  /// How many secrets a key may have at a time: two, so that rotation needs no outage.
  package static let maximumSecrets = 2

  package let id: ID<SubscriptionKey>
  package let name: DisplayName
  package let description: Remark?
  package let state: State
  /// From this moment on the key is refused.
  package let expiresAt: Date?
  /// Who made it; `nil` once that account is gone.
  package let createdBy: ID<Account>?
  package let createdAt, updatedAt: Date
  /// Oldest first.
  package var secrets: [Secret]

  package init(
    id: ID<SubscriptionKey>, name: DisplayName, description: Remark?, state: State, expiresAt: Date?,
    createdBy: ID<Account>?, createdAt: Date, updatedAt: Date, secrets: [Secret] = []
  ) {
    (self.id, self.name, self.description) = (id, name, description)
    (self.state, self.expiresAt, self.createdBy) = (state, expiresAt, createdBy)
    (self.createdAt, self.updatedAt, self.secrets) = (createdAt, updatedAt, secrets)
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
    package let lastUsedAt: Date?

    package init(id: ID<Secret>, prefix: String, createdAt: Date, lastUsedAt: Date?) {
      (self.id, self.prefix) = (id, prefix)
      (self.createdAt, self.lastUsedAt) = (createdAt, lastUsedAt)
    }
  }

  /// A new secret with its value, for the one answer that shows it.
  package struct IssuedSecret: Sendable {
    package let secret: Secret
    package let value: SecretValue

    package init(secret: Secret, value: SecretValue) {
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

  /// What creating a key takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let description: Remark?
    package let expiresAt: Date?

    package init(name: DisplayName, description: Remark?, expiresAt: Date?) {
      (self.name, self.description, self.expiresAt) = (name, description, expiresAt)
    }
  }

  /// What may be changed of a key; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let description: Change<Remark>
    package let expiresAt: Change<Date>
    package let state: State?

    package init(name: DisplayName?, description: Change<Remark>, expiresAt: Change<Date>, state: State?) {
      (self.name, self.description) = (name, description)
      (self.expiresAt, self.state) = (expiresAt, state)
    }
  }

  /// Which keys a list shows.
  package struct Filter: Sendable {
    /// Found in the name, the description or the id, in whatever case.
    package let text: SearchText?
    package let state: State?

    package init(text: SearchText?, state: State?) {
      (self.text, self.state) = (text, state)
    }
  }
}
