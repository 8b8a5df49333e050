package import FoundationEssentials

extension SubscriptionKey {
  /// How many values may be imported at once.
  package static let maximumImports = 1_000

  /// A key that is to be made of a value that its provider brought along.
  package struct ImportDraft: Sendable {
    package let name: DisplayName
    package let value: ImportedValue
    package let description: Remark?
    package let expiresAt: Date?

    package init(name: DisplayName, value: ImportedValue, description: Remark?, expiresAt: Date?) {
      (self.name, self.value) = (name, value)
      (self.description, self.expiresAt) = (description, expiresAt)
    }
  }

  /// What came of importing several values, each named by its place among the given ones.
  package struct ImportOutcome: Sendable {
    package let created: [Created]
    package let refused: [Refused]

    package init(created: [Created], refused: [Refused]) {
      (self.created, self.refused) = (created, refused)
    }

    package struct Created: Hashable, Sendable {
      package let place: Int
      package let id: ID<SubscriptionKey>
      package let secret: ID<Secret>

      package init(place: Int, id: ID<SubscriptionKey>, secret: ID<Secret>) {
        (self.place, self.id, self.secret) = (place, id, secret)
      }
    }

    package struct Refused: Hashable, Sendable {
      package let place: Int
      package let reason: Reason
      package let errors: [InvalidInput.Complaint]

      package init(place: Int, reason: Reason, errors: [InvalidInput.Complaint]) {
        (self.place, self.reason, self.errors) = (place, reason, errors)
      }
    }

    package enum Reason: String, CaseIterable, Sendable {
      /// Something of it is not as it must be.
      case invalid
      /// The value is given at an earlier place too.
      case repeated
      /// Another key of the tenant has the value; a deleted one, perhaps.
      case taken
    }
  }
}
