import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let tenantRoutes: [Route] = [
    .open(
      .post, "/tenants", "signUp", "Creates a tenant and its owner, and signs the owner in.",
      "Where the installation's sign-up is open. It is throttled per address.",
      takes: .body(Tenant.Draft.shape), gives: .session,
      problems: [.signUpClosed, .slugTaken, .tooManyAttempts]
    ) { console, draft in
      try await console.signUp(draft)
    },
    Route(
      .get, "/tenant", "getTenant", "Shows the tenant that one is signed in to.",
      "With its slug, which is part of its groups' URLs.",
      requires: .anyRole, takes: .nothing, gives: .ok(Tenant.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.tenant(as: call.principal)
    },
    Route(
      .get, "/tenant/quotas", "getTenantQuotas", "Shows how much the tenant may have, and has.",
      "The operator sets them.",
      requires: .anyRole, takes: .nothing, gives: .ok(TenantQuotas.shape)
    ) { call, _ in
      try await call.console.quotas(as: call.principal)
    },
    Route(
      .patch, "/tenant", "updateTenant", "Changes the tenant that one is signed in to.", "An owner may.",
      requires: .manageTenant, takes: .update(Tenant.Changes.shape), gives: .ok(Tenant.shape, version: \.updatedAt)
    ) { call, changes in
      try await call.console.updateTenant(to: changes, expecting: call.expectedVersion, as: call.principal)
    },
  ]
}
