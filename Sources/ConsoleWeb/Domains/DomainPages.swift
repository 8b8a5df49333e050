import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

/// Hosts of the tenant's own.
extension ConsoleWeb {
  static let domainListPages: [PageRoute] = PageRoute.searchable(
    "/domains", kept: ["host", "environment", "state"]
  ) { visit in
    var page: [String: any Sendable] = [:]
    var status = 200
    do {
      let list = try visit.list(
        Domain.Filter.query, kept: ["host", "environment", "state"], by: ["createdAt", "host"])
      let domains = try await visit.console.domains(list.filter, list.slice(), as: visit.principal)
      page = list.page(domains) { visit.members(of: $0) }
    } catch let error as InvalidInput {
      page = ["isRefused": true, "refusals": error.complaints.map { visit.words.complaint($0.detail) }]
      status = 422
    }
    let query = visit.visit.query
    page["host"] = query["host"]
    page["environments"] = visit.choices(
      DeploymentEnvironment.allCases.map(\.rawValue), "environment.", chosen: query["environment"])
    page["states"] = visit.choices(
      Domain.State.allCases.map(\.rawValue), "domain.state.", chosen: query["state"])
    page["isAdmin"] = visit.may(.manageDomains)
    return .page("domains.list", title: "domains.title", page, status: status)
  }

  static let domainPages: [PageRoute] = [
    .get("/domains/new", requires: .manageDomains) { visit in
      let form = claimForm(try await visit.groupOptions())
      let query = visit.visit.query
      let typed = TypedForm(["environment": query["environment"] ?? "online", "groupId": query["groupId"] ?? ""])
      return .page(
        "domains.new", title: "domain.new.title", ["form": form.page(typed, words: visit.words)])
    },
    .post("/domains/new", requires: .manageDomains) { visit in
      let form = claimForm(try await visit.groupOptions())
      return try await visit.visit.submitting(form) { form, status in
        .page("domains.new", title: "domain.new.title", ["form": form], status: status)
      } perform: { draft in
        let domain = try await visit.console.createDomain(draft, as: visit.principal)
        return .redirect(to: "/domains/\(domain.id)", saying: "domainClaimed")
      }
    },
    .get("/domains/{id}") { visit in
      let domain = try await visit.console.domain(visit.id(), as: visit.principal)
      return .page(
        "domains.detail", title: "domain.title",
        [
          "domain": visit.members(of: domain), "isAdmin": visit.may(.manageDomains),
          "tenantSlug": "\(visit.tenant.slug)",
        ])
    },
    .post("/domains/{id}/verify", requires: .manageDomains) { visit in
      let domain = try await visit.console.verifyDomain(visit.id(), as: visit.principal)
      return .redirect(to: "/domains/\(domain.id)", saying: "domain.\(domain.state.rawValue)")
    },
  ]

  private static func claimForm(_ groups: GroupOptions) -> Form<Domain.Draft> {
    Form(
      fields: [FormField(name: "host", kind: .text, word: "domain.host", isRequired: true, maximumLength: 253)]
        + targetFields(groups), shape: Domain.Draft.shape, submit: "domain.claim")
  }

  static func targetFields(_ groups: GroupOptions) -> [FormField] {
    let environments = DeploymentEnvironment.allCases.map { ($0.rawValue, "environment.\($0.rawValue)") }
    return [
      groups.field,
      FormField(name: "environment", kind: .choice(environments), word: "domain.environment", isRequired: true),
    ]
  }
}

extension SignedInVisit {
  func members(of domain: Domain) -> [String: any Sendable] {
    var members = words.saying("domain.", in: Domain.shape.json(domain).members)
    members["environmentWord"] = words["environment.\(domain.environment.rawValue)"]
    members["address"] = CallAddress(gateway: visit.gatewayURL).byHost(domain.host)
    members["is\(domain.state.rawValue.capitalized)"] = true
    return members
  }

  /// The tenant's newest groups, and the one that the domain has already, or that the address or the form names.
  func groupOptions(with domain: Domain? = nil) async throws -> GroupOptions {
    let named = (visit.form["groupId"] ?? visit.query["groupId"]).flatMap { ID<APIGroup>($0) } ?? domain?.group
    let (groups, areAll) = try await newestGroups(GroupOptions.maximum, with: named)
    var options = groups.map { (value: "\($0.id)", label: words.qualified("\($0.name)", "\($0.prefix)")) }
    if let domain, !options.contains(where: { $0.value == "\(domain.group)" }) {
      options.append(("\(domain.group)", "\(domain.groupName)"))
    }
    return GroupOptions(options: options, areAll: areAll)
  }
}

/// The groups that a host may be bound to, as far as a list offers them.
struct GroupOptions: Sendable {
  static let maximum = 200

  let options: [(value: String, label: String)]
  fileprivate let areAll: Bool

  var field: FormField {
    // Of many the others are chosen where they are.
    let word = areAll ? "domain.group" : "domain.groupOfMany"
    return FormField(name: "groupId", kind: .options(options), word: word, isRequired: true)
  }
}
