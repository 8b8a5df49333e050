import Console
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  static let tenantPages: [PageRoute] = [
    .get("/tenant") { visit in
      let quotas = try await visit.console.quotas(as: visit.principal)
      let kinds: [(word: String, quota: TenantQuotas.Quota)] = [
        ("subscriptionKeys", quotas.subscriptionKeys), ("apiGroups", quotas.apiGroups), ("apis", quotas.apis),
        ("authorizations", quotas.authorizations), ("authorizationTargets", quotas.authorizationTargets),
        ("liveApis", quotas.liveAPIs), ("liveBytes", quotas.liveBytes), ("domains", quotas.domains),
        ("revisionApis", quotas.revisionAPIs), ("deployments", quotas.deployments), ("accounts", quotas.accounts),
        ("accessTokens", quotas.accessTokens), ("limitPolicies", quotas.limitPolicies),
      ]
      let rows = kinds.map { kind -> [String: any Sendable] in
        [
          "kind": visit.words["quota.\(kind.word)"], "used": visit.words.number(kind.quota.used),
          "limit": visit.words.number(kind.quota.limit),
          "isFull": kind.quota.used >= kind.quota.limit,
        ]
      }
      return .page(
        "tenant.detail", title: "tenant.title",
        ["tenant": Tenant.shape.json(visit.tenant).members, "isOwner": visit.may(.manageTenant), "quotas": rows])
    },
    .get("/tenant/edit", requires: .manageTenant) { visit in
      return .page(
        "tenant.edit", title: "tenant.edit.title",
        ["form": tenantForm.page(filling(visit.tenant), words: visit.words)])
    },
    .post("/tenant/edit", requires: .manageTenant) { visit in
      try await visit.visit.submitting(tenantForm, overtaking: filling(visit.tenant)) { form, status in
        .page("tenant.edit", title: "tenant.edit.title", ["form": form], status: status)
      } perform: { changes in
        _ = try await visit.console.updateTenant(
          to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/tenant", saying: "tenantChanged")
      }
    },
  ]

  /// What the form that changes a tenant is filled with.
  private static func filling(_ tenant: Tenant) -> TypedForm {
    TypedForm(["name": "\(tenant.name)", FormVersion.field: RFC3339.string(tenant.updatedAt)])
  }

  private static let tenantForm = Form(
    fields: [FormField(name: "name", kind: .text, word: "tenant.name", isRequired: true, maximumLength: 100)],
    shape: Tenant.Changes.shape, submit: "form.save", hidden: [FormVersion.field])
}
