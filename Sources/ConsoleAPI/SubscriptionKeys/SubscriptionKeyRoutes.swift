import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var subscriptionKey: PathParameter<ID<SubscriptionKey>> {
    .init("subscriptionKeyId", "The key's id: its subscription ID.")
  }
  static var secret: PathParameter<ID<SubscriptionKey.Secret>> { .init("secretId", "The secret's id.") }
}

extension ConsoleAPI {
  static let subscriptionKeyRoutes: [Route] = [
    Route(
      .post, "/subscription-keys", "createSubscriptionKey",
      "Creates a subscription key with its first secret, whose value is given or else shown here only.",
      """
      Tell providers its id, the subscription ID, and callers its secret's value. A value that is given is kept as a \
      digest, too.
      """,
      requires: .manageKeys, takes: .body(SubscriptionKey.Draft.shape),
      gives: .created(SubscriptionKey.Issued.shape, version: \.key.updatedAt),
      problems: [.quotaExceeded, .valueTaken, .noSealingKey], takesWait: true
    ) { call, draft in
      try await call.console.createSubscriptionKey(draft, as: call.principal)
    },
    Route(
      .post, "/subscription-keys/import", "importSubscriptionKeys",
      "Creates up to 1,000 subscription keys of values that are in use already; says which it refuses and why.",
      """
      Each key is made or refused by itself, and nothing is made twice under one value. Where the tenant may not have as \
      many keys more as would be made, none is.
      """,
      requires: .manageKeys, takes: .body(SubscriptionKeyImport.shape, upTo: 8 << 20),
      gives: .ok(SubscriptionKey.ImportOutcome.shape),
      problems: [.quotaExceeded, .noSealingKey], takesWait: true
    ) { call, given in
      try await call.console.importSubscriptionKeys(given.items, as: call.principal)
    },
    Route(
      .get, "/subscription-keys", "listSubscriptionKeys",
      "Lists the tenant's subscription keys; deleted ones only by their state.",
      "By what name, description or id contain, and by state.",
      requires: .anyRole, takes: .query(SubscriptionKey.Filter.query),
      gives: .ok(Page.shape("SubscriptionKeyPage", of: SubscriptionKey.shape))
    ) { call, query in
      try await call.page(call.console.subscriptionKeys(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/subscription-keys/\(.subscriptionKey)", "getSubscriptionKey", "Shows a subscription key.",
      "One that is deleted, too, for 30 days: its `state` is `deleted`, and it can be restored unless it is compromised.",
      requires: .anyRole, takes: .nothing, gives: .ok(SubscriptionKey.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.subscriptionKeyOrDeleted(call[.subscriptionKey], as: call.principal)
    },
    Route(
      .patch, "/subscription-keys/\(.subscriptionKey)", "updateSubscriptionKey", "Changes a subscription key.",
      "Gateways go by the change at once.",
      requires: .manageKeys, takes: .update(SubscriptionKey.Changes.shape),
      gives: .ok(SubscriptionKey.shape, version: \.updatedAt), takesWait: true,
      reaching: { call, changes in changes.reached(of: try call[.subscriptionKey]) }
    ) { call, changes in
      try await call.console.updateSubscriptionKey(
        call[.subscriptionKey], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/subscription-keys/\(.subscriptionKey)", "deleteSubscriptionKey",
      "Deletes a subscription key: its secrets are refused. For 30 days it can be restored, unless compromised.",
      "Its authorizations stay for the case that it is restored.",
      requires: .manageKeys, takes: .query(SubscriptionKeyDeletion.query), gives: .noContent, takesWait: true,
      reaching: { call, _ in .key(try call[.subscriptionKey]) }
    ) { call, deletion in
      try await call.console.deleteSubscriptionKey(
        call[.subscriptionKey], asCompromised: deletion.isCompromised, as: call.principal)
    },
    Route(
      .post, "/subscription-keys/\(.subscriptionKey)/restore", "restoreSubscriptionKey",
      "Restores a subscription key that was deleted in the last 30 days. It is disabled then.",
      "Its secrets and authorizations are as before. Enable it to have it admitted again.",
      requires: .manageKeys, takes: .emptyBody, gives: .ok(SubscriptionKey.shape, version: \.updatedAt),
      problems: [.quotaExceeded, .keyCompromised, .keyNotDeleted], takesWait: true
    ) { call, _ in
      try await call.console.restoreSubscriptionKey(call[.subscriptionKey], as: call.principal)
    },
  ]

  static let secretRoutes: [Route] = [
    Route(
      .post, "/subscription-keys/\(.subscriptionKey)/secrets", "rotateSubscriptionKey",
      "Gives a subscription key a second secret, whose value is shown here only.",
      "Both secrets are admitted until one is deleted or expires. A third has to wait until then.",
      requires: .manageKeys,
      takes: .optionalBody(SubscriptionKey.SecretDraft.shape, absent: SubscriptionKey.SecretDraft()),
      gives: .created(SubscriptionKey.Rotation.shape), problems: [.tooManySecrets], takesWait: true
    ) { call, draft in
      try await call.console.rotateSubscriptionKey(call[.subscriptionKey], draft, as: call.principal)
    },
    Route(
      .patch, "/subscription-keys/\(.subscriptionKey)/secrets/\(.secret)", "updateSecret",
      "Changes when a subscription key's secret expires. The version is the key's.",
      "To have the old one end by itself some time after a rotation.",
      requires: .manageKeys, takes: .update(SubscriptionKey.SecretChanges.shape),
      gives: .ok(SubscriptionKey.shape, version: \.updatedAt), takesWait: true,
      reaching: { call, changes in changes.reached(of: try call[.secret], of: try call[.subscriptionKey]) }
    ) { call, changes in
      try await call.console.updateSecret(
        call[.secret], of: call[.subscriptionKey], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/subscription-keys/\(.subscriptionKey)/secrets/\(.secret)", "deleteSecret",
      "Deletes one of a subscription key's two secrets.", "It is refused from now on. A key keeps at least one secret.",
      requires: .manageKeys, takes: .nothing, gives: .noContent, problems: [.lastSecret], takesWait: true,
      reaching: { call, _ in .secret(try call[.secret], of: try call[.subscriptionKey]) }
    ) { call, _ in
      try await call.console.deleteSecret(call[.secret], of: call[.subscriptionKey], as: call.principal)
    },
  ]
}
