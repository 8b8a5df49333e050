import ArgumentParser

/// The one binary: servers, migrations and the small tools that images and scripts need.
@main
struct Latchkey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latchkey",
    abstract: "A self-hosted, multi-tenant API gateway with subscription keys.",
    version: "0.1.0",
    subcommands: [
      Serve.self, Migrate.self, TenantCommand.self, AccountCommand.self, DomainCommand.self, AuditCommand.self,
      SealCommand.self, Echo.self, Health.self,
    ])
}
