import ArgumentParser
import Console
import Model
import Store

/// What an operator does about the hosts that tenants claim.
struct DomainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "domain", abstract: "Decide about the hosts that tenants claim, as who holds the database's login.",
    subcommands: [List.self, Approve.self, Reject.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List claims: id, state, host, tenant, group and environment, token.")

    @Flag(help: "Only those that wait to be decided.") var pending = false
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let domains = try await OperatorCommand.run(options) { [pending] in
        try await $0.domains(state: pending ? .pending : nil)
      }
      for domain in domains { print(domain.line) }
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let calls to a host reach the tenant that claims it.",
      discussion: """
        Look for the claim's token first: the tenant was told to publish it as a DNS record of type TXT at
        _latchkey.HOST, which who does not have the host cannot.
        """)

    @Argument(help: "The claim's id; or its host, with the token.") var claim: DomainClaim
    @Option(help: "The token that was found at the host: only its claim is approved.")
    var token: ID<Domain.Verification>?
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let domain = try await OperatorCommand.run(options, wakesGateways: true) { [claim, token] in
        try await $0.approve(claim, showing: token)
      }
      print("\(domain.host) is \(domain.tenantSlug)'s")
    }
  }

  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a host from a tenant that claims it, also if it was verified.")

    @Argument(help: "The claim's id, or its host if one tenant claims it.") var claim: DomainClaim
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let domain = try await OperatorCommand.run(options, wakesGateways: true) { [claim] in
        try await $0.reject(claim)
      }
      print("\(domain.host) is not \(domain.tenantSlug)'s")
    }
  }
}

extension OperatedDomain {
  /// For a terminal and for `cut`.
  fileprivate var line: String {
    let target = "\(groupPrefix)/\(environment.rawValue)"
    return ["\(id)", state.rawValue, "\(host)", "\(tenantSlug)", target, "\(verificationToken)"].joined(separator: "\t")
  }
}

extension DomainClaim: ExpressibleByArgument { public init?(argument: String) { self.init(argument) } }
extension ID: ExpressibleByArgument { public init?(argument: String) { self.init(argument) } }
