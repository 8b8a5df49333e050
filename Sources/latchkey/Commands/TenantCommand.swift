import ArgumentParser
import Console
import Model
import Store

/// What an operator, who holds the database's login, does about tenants.
struct TenantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tenant", abstract: "Look after tenants, as who holds the database's login.",
    subcommands: [
      List.self, Create.self, Suspend.self, Restore.self, Quota.self, Export.self, Delete.self,
    ])

  /// Prints one line for each: slug, state and name. One whose deletion was requested is suspended until it is due, and can
  /// be restored as long as it says so.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List all tenants: slug, state, name.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      for tenant in try await OperatorCommand.run(options, { try await $0.tenants() }) {
        let state =
          switch (tenant.deletionRequestedAt, tenant.state) {
          case (nil, _): tenant.state
          case (.some, "deleted"): "deleting"
          case (.some, _): "to-be-deleted"
          }
        print("\(tenant.slug)\t\(state)\t\(tenant.name)")
      }
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a tenant and its owner, whose password is printed once.")

    @Argument(help: "The tenant's slug, which never changes.") var slug: Slug
    @Option(help: "What people call the tenant.") var name: DisplayName
    @Option(help: "The owner's e-mail address.") var ownerEmail: EmailAddress
    @Option(help: "The owner's name.") var ownerName: DisplayName
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let (id, password) = try await OperatorCommand.run(options, wakesGateways: true) {
        try await $0.createTenant(slug, name: name, ownerEmail: ownerEmail, ownerName: ownerName)
      }
      print("tenant    \(id)\nowner     \(ownerEmail)\npassword  \(password.revealed)")
    }
  }

  struct Suspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a tenant's people and keys, and find its groups no more.")

    @Argument var slug: Slug
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await OperatorCommand.run(options, wakesGateways: true) { try await $0.suspend(slug) }
    }
  }

  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a suspended tenant in again; a deletion that was requested is off.")

    @Argument var slug: Slug
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await OperatorCommand.run(options, wakesGateways: true) { try await $0.restore(slug) }
    }
  }

  struct Quota: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show and change how much a tenant may have.")

    @Argument var slug: Slug
    @Option(help: "Subscription keys.") var keys: Int?
    @Option(help: "API groups.") var groups: Int?
    @Option(help: "APIs, in all drafts together.") var apis: Int?
    @Option(help: "Authorizations.") var authorizations: Int?
    @Option(help: "Hosts of its own, claimed or verified.") var domains: Int?
    @Option(help: "APIs of all that is live, in all environments together.") var liveApis: Int?
    @Option(help: "Bytes of all that is live: paths, mock responses, backends' URLs and headers.") var liveBytes: Int?
    @Option(help: "Targets of all authorizations together.") var targets: Int?
    @Option(help: "APIs of all revisions together.") var revisionApis: Int?
    @Option(help: "Deployments, also those that have ended.") var deployments: Int?
    @Option(help: "Accounts, whatever their state.") var accounts: Int?
    @Option(help: "Access tokens of all accounts.") var tokens: Int?
    @Option(help: "Limit policies.") var limitPolicies: Int?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      let limits = [
        keys, groups, apis, authorizations, domains, liveApis, targets, revisionApis, deployments, accounts, tokens,
        limitPolicies,
      ]
      for limit in limits.compactMap(\.self) where !(0...Int(Int32.max)).contains(limit) {
        throw ValidationError("a quota is a number from 0 to \(Int32.max)")
      }
      guard liveBytes ?? 0 >= 0 else { throw ValidationError("a quota is not below 0") }
    }

    func run() async throws {
      let changes = TenantQuotas.Changes(
        subscriptionKeys: keys, apiGroups: groups, apis: apis, authorizations: authorizations, domains: domains,
        liveAPIs: liveApis, liveBytes: liveBytes, authorizationTargets: targets,
        revisionAPIs: revisionApis, deployments: deployments, accounts: accounts, accessTokens: tokens,
        limitPolicies: limitPolicies)
      let quotas = try await OperatorCommand.run(options) { try await $0.quotas(of: slug, changed: changes) }
      for (name, quota) in [
        ("keys", quotas.subscriptionKeys), ("groups", quotas.apiGroups), ("apis", quotas.apis),
        ("authorizations", quotas.authorizations), ("domains", quotas.domains), ("live-apis", quotas.liveAPIs),
        ("live-bytes", quotas.liveBytes), ("targets", quotas.authorizationTargets),
        ("revision-apis", quotas.revisionAPIs), ("deployments", quotas.deployments), ("accounts", quotas.accounts),
        ("tokens", quotas.accessTokens), ("limit-policies", quotas.limitPolicies),
      ] { print("\(name)\t\(quota.used)\tof \(quota.limit)") }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print all that there is of a tenant, without secrets: a JSON object a line.")

    @Argument var slug: Slug
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await OperatorCommand.run(options, timeout: .seconds(3600)) {
        try await $0.export(slug) { relation, content in print("{\"table\":\"\(relation)\",\"row\":\(content)}") }
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Suspend a tenant and remove all of it in 30 days; its slug is never issued again.")

    @Argument var slug: Slug
    @Flag(help: "Remove it now, if its deletion was requested before.") var now = false
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await OperatorCommand.run(options, wakesGateways: true) { [now] in
        if now { try await $0.purge(slug) } else { try await $0.requestDeletion(slug) }
      }
    }
  }
}
