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
    @Option(help: "Another role, as where no owner is left: owner, admin, developer or viewer.") var role: Role?
    @Flag(help: "Let the account in again if it is disabled.") var enable = false
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let (password, state) = try await OperatorCommand.run(options) {
        try await $0.resetAccount(email, of: tenant, role: role, isEnabled: enable)
      }
      print("password  \(password.revealed)")
      if state == .disabled { print("The account is disabled, and stays so; --enable lets it in again.") }
    }
  }
}

extension Role: ExpressibleByArgument {}
extension Slug: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
extension DisplayName: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
extension EmailAddress: ExpressibleByArgument { init?(argument: String) { self.init(argument) } }
