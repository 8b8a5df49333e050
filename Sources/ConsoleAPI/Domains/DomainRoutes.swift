import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var domain: PathParameter<ID<Domain>> { .init("domainId", "The domain's id.") }
}

extension ConsoleAPI {
  static let domainRoutes: [Route] = [
    Route(
      .post, "/domains", "createDomain",
      "Claims a host for a group in an environment. Calls reach the group there once the claim is verified.",
      "Anybody may claim any host: a claim keeps nobody out, and only a verified one has calls.",
      requires: .manageDomains, takes: .body(Domain.Draft.shape), gives: .created(Domain.shape, version: \.updatedAt),
      problems: [.domainExists, .quotaExceeded]
    ) { call, draft in
      try await call.console.createDomain(draft, as: call.principal)
    },
    Route(
      .get, "/domains", "listDomains", "Lists the tenant's domains.",
      "Claims and verified ones, by host, group, environment and state.",
      requires: .anyRole, takes: .query(Domain.Filter.query), gives: .ok(Page.shape("DomainPage", of: Domain.shape))
    ) { call, query in
      try await call.page(call.console.domains(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/domains/\(.domain)", "getDomain", "Shows a domain and what is to be done to have it verified.",
      "One that the tenant claims or has.",
      requires: .anyRole, takes: .nothing, gives: .ok(Domain.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.domain(call[.domain], as: call.principal)
    },
    Route(
      .patch, "/domains/\(.domain)", "updateDomain", "Binds a domain to another group or environment.",
      "What is verified stays so. Gateways go by the change at once.",
      requires: .manageDomains, takes: .update(Domain.Changes.shape), gives: .ok(Domain.shape, version: \.updatedAt),
      takesWait: true,
      reaching: { call, _ in .domain(try call[.domain]) }
    ) { call, changes in
      try await call.console.updateDomain(
        call[.domain], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/domains/\(.domain)", "deleteDomain",
      "Gives a host up: nothing of the tenant's is found there from now on.",
      "Others' claims of the host can be verified then.",
      requires: .manageDomains, takes: .nothing, gives: .noContent, takesWait: true,
      reaching: { call, _ in .domain(try call[.domain]) }
    ) { call, _ in
      try await call.console.deleteDomain(call[.domain], as: call.principal)
    },
    Route(
      .post, "/domains/\(.domain)/verify", "verifyDomain",
      "Has it looked whether the host is the tenant's. Where that is the operator's decision, shows whether it was taken.",
      "A claim that is not pending stays as it is.",
      requires: .manageDomains, takes: .nothing, gives: .ok(Domain.shape, version: \.updatedAt),
      problems: [.domainTaken],
      takesWait: true
    ) { call, _ in
      try await call.console.verifyDomain(call[.domain], as: call.principal)
    },
  ]
}
