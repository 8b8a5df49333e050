import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var subscriptionKey: PathParameter<ID<SubscriptionKey>> { .init("subscriptionKeyId") }
  static var secret: PathParameter<ID<SubscriptionKey.Secret>> { .init("secretId") }
}

extension ConsoleAPI {
  static let subscriptionKeyRoutes: [Route] = [
    Route(
      .post, "/subscription-keys", "createSubscriptionKey",
      "Creates a subscription key with its first secret, whose value is given or else shown here only.",
      takes: .body(SubscriptionKey.Draft.shape),
      gives: .created(SubscriptionKey.Issued.shape, version: \.key.updatedAt),
      problems: [.forbidden, .quotaExceeded, .valueTaken, .noSealingKey], takesWait: true
    ) { call, draft in
      try await call.console.createSubscriptionKey(draft, as: call.principal)
    },
    Route(
      .post, "/subscription-keys/import", "importSubscriptionKeys",
      "Creates up to 1,000 subscription keys of values that are in use already; says which it refuses and why.",
      takes: .body(SubscriptionKeyImport.shape, upTo: 8 << 20), gives: .ok(SubscriptionKey.ImportOutcome.shape),
      problems: [.forbidden, .quotaExceeded, .noSealingKey], takesWait: true
    ) { call, given in
      try await call.console.importSubscriptionKeys(given.items, as: call.principal)
    },
    Route(
      .get, "/subscription-keys", "listSubscriptionKeys",
      "Lists the tenant's subscription keys, newest first; deleted ones only by their state.",
      takes: .query(SubscriptionKey.Filter.query),
      gives: .ok(Page.shape("SubscriptionKeyPage", of: SubscriptionKey.shape))
    ) { call, query in
      try await call.page(call.console.subscriptionKeys(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/subscription-keys/\(.subscriptionKey)", "getSubscriptionKey", "Shows a subscription key.",
      takes: .nothing, gives: .ok(SubscriptionKey.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.subscriptionKey(call[.subscriptionKey], as: call.principal)
    },
    Route(
      .patch, "/subscription-keys/\(.subscriptionKey)", "updateSubscriptionKey", "Changes a subscription key.",
      takes: .update(SubscriptionKey.Changes.shape), gives: .ok(SubscriptionKey.shape, version: \.updatedAt),
      problems: [.forbidden], takesWait: true
    ) { call, changes in
      try await call.console.updateSubscriptionKey(
        call[.subscriptionKey], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/subscription-keys/\(.subscriptionKey)", "deleteSubscriptionKey",
      "Deletes a subscription key: its secrets are refused. For 30 days it can be restored, unless compromised.",
      takes: .query(SubscriptionKeyDeletion.query), gives: .noContent, problems: [.forbidden], takesWait: true
    ) { call, deletion in
      try await call.console.deleteSubscriptionKey(
        call[.subscriptionKey], asCompromised: deletion.isCompromised, as: call.principal)
    },
    Route(
      .post, "/subscription-keys/\(.subscriptionKey)/restore", "restoreSubscriptionKey",
      "Restores a subscription key that was deleted in the last 30 days. It is disabled then.",
      takes: .emptyBody, gives: .ok(SubscriptionKey.shape, version: \.updatedAt),
      problems: [.forbidden, .quotaExceeded, .keyCompromised, .keyNotDeleted], takesWait: true
    ) { call, _ in
      try await call.console.restoreSubscriptionKey(call[.subscriptionKey], as: call.principal)
    },
  ]

  static let secretRoutes: [Route] = [
    Route(
      .post, "/subscription-keys/\(.subscriptionKey)/secrets", "rotateSubscriptionKey",
      "Gives a subscription key a second secret, whose value is shown here only.",
      takes: .optionalBody(SubscriptionKey.SecretDraft.shape, absent: SubscriptionKey.SecretDraft()),
      gives: .created(SubscriptionKey.Rotation.shape), problems: [.forbidden, .tooManySecrets], takesWait: true
    ) { call, draft in
      try await call.console.rotateSubscriptionKey(call[.subscriptionKey], draft, as: call.principal)
    },
    Route(
      .patch, "/subscription-keys/\(.subscriptionKey)/secrets/\(.secret)", "updateSecret",
      "Changes when a subscription key's secret expires. The version is the key's.",
      takes: .update(SubscriptionKey.SecretChanges.shape), gives: .ok(SubscriptionKey.shape, version: \.updatedAt),
      problems: [.forbidden], takesWait: true
    ) { call, changes in
      try await call.console.updateSecret(
        call[.secret], of: call[.subscriptionKey], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/subscription-keys/\(.subscriptionKey)/secrets/\(.secret)", "deleteSecret",
      "Deletes one of a subscription key's two secrets.",
      takes: .nothing, gives: .noContent, problems: [.forbidden, .lastSecret], takesWait: true
    ) { call, _ in
      try await call.console.deleteSecret(call[.secret], of: call[.subscriptionKey], as: call.principal)
    },
  ]
}
