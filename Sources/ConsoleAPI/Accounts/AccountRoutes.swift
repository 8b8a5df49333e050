import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var account: PathParameter<ID<Account>> { .init("accountId", "The account's id.") }
}

extension ConsoleAPI {
  static let accountRoutes: [Route] = [
    Route(
      .post, "/accounts", "createAccount",
      "Creates an account for a person, who comes in by the invitation that is shown here only.",
      "Its person chooses a password with the invitation, within 7 days. A session of an owner is needed.",
      requires: .manageAccounts, takes: .body(Account.Draft.shape),
      gives: .created(Account.Invited.shape, version: \.account.updatedAt),
      problems: [.emailTaken, .quotaExceeded]
    ) { call, draft in
      try await call.console.createAccount(draft, as: call.principal)
    },
    Route(
      .get, "/accounts", "listAccounts", "Lists the tenant's accounts.",
      "Those that are invited or disabled, too.",
      requires: .anyRole, takes: .query(Account.Filter.query), gives: .ok(Page.shape("AccountPage", of: Account.shape))
    ) { call, query in
      try await call.page(call.console.accounts(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/accounts/\(.account)", "getAccount", "Shows an account.", "Everybody of the tenant may see it.",
      requires: .anyRole, takes: .nothing, gives: .ok(Account.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.account(call[.account], as: call.principal)
    },
    Route(
      .patch, "/accounts/\(.account)", "updateAccount",
      "Changes an account. Disabling it ends its sessions, and has its access tokens refused as long as it lasts.",
      "A session of an owner is needed. The tenant's last active owner stays one.",
      requires: .manageAccounts, takes: .update(Account.Changes.shape), gives: .ok(Account.shape, version: \.updatedAt),
      problems: [.lastOwner]
    ) { call, changes in
      try await call.console.updateAccount(
        call[.account], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/accounts/\(.account)", "deleteAccount", "Deletes an account with its sessions and access tokens.",
      "The keys that it made stay. A session of an owner is needed, and the last active one cannot be deleted.",
      requires: .manageAccounts, takes: .nothing, gives: .noContent, problems: [.lastOwner]
    ) { call, _ in
      try await call.console.deleteAccount(call[.account], as: call.principal)
    },
    Route(
      .post, "/accounts/\(.account)/invitation", "renewInvitation",
      "Gives an account that is still invited another invitation, shown here only; the one before ends.",
      "For who lost the first one, or let it expire.",
      requires: .manageAccounts, takes: .emptyBody, gives: .created(Invitation.shape), problems: [.notInvited]
    ) { call, _ in
      try await call.console.renewInvitation(of: call[.account], as: call.principal)
    },
  ]

  static let invitationRoutes: [Route] = [
    .open(
      .post, "/invitations", "acceptInvitation",
      "Accepts an invitation, once and within 7 days, with a password, and signs its account in.",
      "An invitation that was accepted, has ended or never was is as one that is malformed: 404.",
      takes: .body(Invitation.Acceptance.shape), gives: .session
    ) { console, acceptance in
      try await console.acceptInvitation(acceptance)
    },
    Route(
      .post, "/me/password", "changePassword", "Changes the account's password, which ends its other sessions.",
      "The present one has to be given. Guesses at it are throttled. A session is needed.",
      requires: .manageOwnAccess, takes: .body(Account.PasswordChange.shape), gives: .noContent,
      problems: [.wrongPassword, .tooManyAttempts]
    ) { call, change in
      let (principal, judged) = (call.principal, try await call.console.judge(change, as: call.principal))
      return { console in try await console.replacePassword(judged, as: principal) }
    },
  ]
}
