import ArgumentParser
import Console
import Model

/// What an operator does about accounts.
struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Look after accounts, as who holds the database's login.",
    subcommands: [Reset.self])

  struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give an account a new password, printed once, and take its sessions and access tokens from it.")

    @Option(help: "The slug of the account's tenant.") var tenant: Slug
    @Option(help: "The account's e-mail address.") var email: EmailAddress
    @Option(help: "Another role, where no owner is left: owner, admin, developer or viewer.") var role: Role?
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let password = try await OperatorCommand.run(options) {
        try await $0.resetAccount(email, of: tenant, role: role)
      }
      print("password  \(password.revealed)")
    }
  }
}

extension Role: ExpressibleByArgument {}
extension Slug: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
extension DisplayName: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
extension EmailAddress: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
