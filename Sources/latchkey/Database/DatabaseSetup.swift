import Logging
import Migrations
import Postgres

/// Readies a database for this binary, as far as the login that it was given may.
///
/// An administrator's login makes the three logins, gives them passwords derived from its own, and migrates. The
/// owner's migrates. The console's and the gateway's find the schema as it is.
struct DatabaseSetup {
  let given: PostgresConfiguration
  let logger: Logger

  /// What goes wrong here ends the process with one line, so nothing else is said of it.
  private var silent: Logger { Logger(label: "latchkey.setup") { _ in SwiftLogNoOpLogHandler() } }

  /// Makes what is missing and applies what is pending.
  /// - Throws: `DatabaseError`, `PostgresError`.
  func migrate() async throws {
    try await tellingWhenUnavailable {
      switch try await identity() {
      case .administrator:
        try await setUp()
        try await migrate(as: login(.owner))
      case .login(.owner):
        try await migrate(as: given)
      case .login(let login):
        throw DatabaseError.unsuitableLogin(name: login.rawValue, reason: "may not migrate: use the owner's")
      }
    }
  }

  /// Readies the database for nodes of these roles, and tells what each connects as.
  /// - Throws: `DatabaseError`, `PostgresError`.
  func connections(for roles: NodeRoles) async throws -> DatabaseConnections {
    try await tellingWhenUnavailable {
      switch try await identity() {
      case .administrator:
        try await setUp()
        try await migrate(as: login(.owner))
        return DatabaseConnections(console: login(.console), gateway: login(.gateway))
      case .login(.console) where roles == .console, .login(.gateway) where roles == .gateway:
        try await requireCurrentSchema()
        return DatabaseConnections(console: given, gateway: given)
      case .login(let login): throw unsuitable(login, for: roles)
      }
    }
  }

  /// Whom to connect as to see and change everything of every tenant.
  /// - Throws: `DatabaseError`, `PostgresError`.
  func owner() async throws -> PostgresConfiguration {
    try await tellingWhenUnavailable {
      switch try await identity() {
      case .administrator: login(.owner)
      case .login(.owner): given
      case .login(let login):
        throw DatabaseError.unsuitableLogin(name: login.rawValue, reason: "sees one tenant at a time")
      }
    }
  }

  /// What each part of a node connects as when the database cannot be asked: as the login that the connection string
  /// names, or for an administrator's, or one of no name, as those that he has made.
  /// - Throws: `DatabaseError` for a login that cannot serve these roles.
  func assumedConnections(for roles: NodeRoles) throws -> DatabaseConnections {
    switch given.user.flatMap(Login.init(rawValue:)) {
    case nil: return DatabaseConnections(console: login(.console), gateway: login(.gateway))
    case .gateway where roles == .gateway: return DatabaseConnections(console: given, gateway: given)
    case .some(let login): throw unsuitable(login, for: roles)
    }
  }

  /// Whether the database answers now, which is known within two seconds.
  func isReachable() async -> Bool {
    var given = given
    given.connectTimeout = .seconds(2)
    do {
      try await SQLScript("SELECT 1").run(on: given)
      return true
    } catch {
      return (error as? PostgresError)?.isUnavailable == false
    }
  }

  private func unsuitable(_ login: Login, for roles: NodeRoles) -> DatabaseError {
    .unsuitableLogin(
      name: login.rawValue,
      reason: "cannot serve \(roles): give an administrator's login, or with --role the one of that role")
  }

  private enum Identity {
    case administrator, login(Login)
  }

  private func identity() async throws -> Identity {
    let query = Query<String>("setup.identity", "SELECT current_user::text")
    let name = try await PostgresPool.withPool(given, logger: silent) { try await $0.only(query) }
    return Login(rawValue: name).map(Identity.login) ?? .administrator
  }

  /// A database that answers may still refuse: an administrator connects where others cannot any more, and writes fail
  /// where reads do not.
  private func tellingWhenUnavailable<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as PostgresError where error.isUnavailable {
      throw DatabaseError.unreachable("\(error)")
    }
  }

  private func login(_ login: Login) -> PostgresConfiguration {
    given.replacing(user: login.rawValue, password: given.password.map(login.password(from:)))
  }

  private func setUp() async throws {
    try await retryingConcurrentUpdates { try await SQLScript(Migrations.setup).run(on: given) }
    guard let password = given.password else { return }
    for login in Login.allCases {
      let verifier = try SCRAMVerifier(password: login.password(from: password))
      try await retryingConcurrentUpdates {
        try await SQLScript("ALTER ROLE \(login.rawValue) PASSWORD '\(verifier)'").run(on: given)
      }
    }
  }

  /// Roles belong to the cluster: another process that sets one up in the same moment makes ours fail with `XX000`,
  /// "tuple concurrently updated".
  private func retryingConcurrentUpdates(_ body: () async throws -> Void) async throws {
    for _ in 1..<10 {
      do {
        return try await body()
      } catch let error as PostgresError where error.sqlState == "XX000" {
        continue
      }
    }
    try await body()
  }

  private func migrate(as owner: PostgresConfiguration) async throws {
    let migrations = Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }
    let applied = try await Migrator(owner, logger: logger).migrate(migrations)
    if let last = applied.last {
      logger.info("migrated the database", metadata: ["migration": "\(last.name)", "applied": "\(applied.count)"])
    }
  }

  private func requireCurrentSchema() async throws {
    let query = Query<Int?>("setup.schema", "SELECT max(number) FROM schema_migrations")
    let found = try await PostgresPool.withPool(given, logger: silent) { try await $0.first(query) } ?? nil
    let needed = Migrations.steps.last?.number ?? 0
    guard let found, found >= needed else {
      throw DatabaseError.outdatedSchema(found: found ?? 0, needed: needed)
    }
  }
}

/// What the parts of a node connect as.
struct DatabaseConnections {
  let console, gateway: PostgresConfiguration
}
