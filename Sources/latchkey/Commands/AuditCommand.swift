import ArgumentParser
import Contract
import FoundationEssentials
import Model
import Postgres
import Store

/// What an operator does about the audit.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Check the tenants' audit, and export what to check it against later.",
    subcommands: [Verify.self, Head.self])

  /// Prints each tenant's newest event, a JSON object a line.
  struct Head: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Export the head of every tenant's audit, to be kept where the database's administrator cannot write.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await AuditCommand.read(options) { transaction in
        for tenancy in try await transaction.run(AuditChains.tenancies) {
          if let head = tenancy.head { print(ExportedHead(tenant: tenancy.tenant, head: head).line) }
        }
      }
    }
  }

  /// Checks every event of every tenant.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Find audit events that were changed, reordered, cut off or are missing.",
      discussion: "Exits with 1 when something was found.")

    @Option(help: "A file that 'latchkey audit head' wrote, or several of them one after the other.")
    var head: String?
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let exported = try head.map(ExportedHead.read(from:)) ?? [:]
      let isWhole = try await AuditCommand.read(options) { transaction in
        try await Self.verify(exported, on: transaction)
      }
      if !isWhole { throw ExitCode(1) }
    }

    private static func verify(
      _ exported: [String: [AuditChain.Head]], on transaction: Transaction
    ) async throws -> Bool {
      var unseen = exported
      var isWhole = true
      // The installation's comes first, and tells which tenants' are gone rightly.
      var purged: Set<String> = []
      for tenancy in try await transaction.run(AuditChains.tenancies) {
        let heads = unseen.removeValue(forKey: tenancy.tenant)
        if tenancy.isDeleted {
          isWhole = report(deleted: tenancy, wasExported: heads != nil, purged: purged) && isWhole
          continue
        }
        var chain = try await transaction.run(
          AuditChains.read(tenancy.tenant, into: AuditChain(exported: heads ?? [])))
        let isInstallation = tenancy.tenant == AuditChains.installation
        if isInstallation { purged = chain.purged }
        chain.end(at: tenancy.head, isTenants: !isInstallation && !tenancy.isOlder)
        if chain.head.sequence == 0, chain.flaws.isEmpty {
          if let slug = tenancy.slug { print("\(slug): is older than the audit, which tells nothing of it yet") }
          continue
        }
        isWhole = report(chain, of: tenancy.slug ?? tenancy.tenant) && isWhole
      }
      for tenant in unseen.keys.sorted() {
        print("\(tenant): nothing is left of an audit that was exported")
        isWhole = false
      }
      return isWhole
    }

    /// Of a tenant that was deleted for good, nothing is left to check but that it was.
    private static func report(
      deleted tenancy: AuditChains.Tenancy, wasExported: Bool, purged: Set<String>
    ) -> Bool {
      let name = tenancy.slug ?? tenancy.tenant
      guard purged.contains(tenancy.tenant) else {
        print("\(name): it is deleted, and the installation's audit does not tell of it")
        return false
      }
      if wasExported { print("\(name): was deleted with its audit, as the installation's tells") }
      return true
    }

    private static func report(_ chain: AuditChain, of tenant: String) -> Bool {
      for flaw in chain.flaws { print("\(tenant): \(flaw)") }
      guard chain.flaws.isEmpty else { return false }
      print("\(tenant): \(chain.head.sequence) events, \(chain.erased) of them erased in part, whole")
      return true
    }
  }

  /// Reads the audit as it is at one moment.
  private static func read<Value: Sendable>(
    _ options: SettingsOptions, _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    try await OwnersPool.with(try await options.settings(), timeout: .seconds(3600)) { pool in
      try await pool.transaction(TransactionOptions(isolation: .repeatableRead, isReadOnly: true)) {
        try await body($0)
      }
    }
  }
}

/// A head as it is kept outside of the database.
private struct ExportedHead {
  let tenant: String
  let head: AuditChain.Head

  var line: String {
    let json: JSONValue = [
      "tenantId": .string(tenant), "sequence": .integer(Int(head.sequence)),
      "hash": .string(Hexadecimal.encode(head.hash)),
    ]
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// - Throws: `ValidationError` for a line that is none of ours.
  static func read(from path: String) throws -> [String: [AuditChain.Head]] {
    guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
      throw ValidationError("'\(path)' cannot be read as text")
    }
    var heads: [String: [AuditChain.Head]] = [:]
    for line in text.split(separator: "\n") {
      guard let json = try? JSONValue(parsing: Array(line.utf8)), let tenant = json["tenantId"]?.text,
        case .integer(let sequence)? = json["sequence"],
        let hash = json["hash"]?.text.flatMap({ Hexadecimal.decode($0) }), hash.count == 32
      else { throw ValidationError("'\(path)' has a line that 'latchkey audit head' did not write") }
      heads[tenant, default: []].append(AuditChain.Head(sequence: Int64(sequence), hash: hash))
    }
    return heads
  }
}
