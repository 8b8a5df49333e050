import Framing
import Model
import Postgres
import Routing

/// What a provider and a caller have in the database, and how tests change it.
struct Installation: Sendable {
  let provider = ID<Tenant>.random()
  let caller = ID<Tenant>.random()
  let group = ID<APIGroup>.random()
  let key = ID<SubscriptionKey>.random()
  let secret = SecretValue.random()
  let secretID = ID<SubscriptionKey.Secret>.random()
  let authorization = "aut_0"
  let slug: String

  init(slug: String = "acme") {
    self.slug = slug
  }

  /// Makes all of it, so that the key may call the group online.
  func create(on database: some StatementRunner) async throws {
    try await createTenants(on: database)
    try await createGroup(on: database)
    try await release(on: database)
    try await createKey(on: database)
    try await authorize(on: database)
  }

  private func createTenants(on database: some StatementRunner) async throws {
    for (id, slug) in [(provider, slug), (caller, "caller-of-\(slug)")] {
      try await database.execute(
        Query<Void>(
          "test.tenant",
          "INSERT INTO tenants (id, slug, name) VALUES (\(id.description), \(slug), \(slug))"))
    }
  }

  func createGroup(on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>(
        "test.group",
        """
        INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode, key_headers)
        VALUES (\(provider.description), \(group.description), 'Echo', 'echo', 'required', '{X-Api-Key}')
        """))
  }

  /// Releases one API, `GET /hello`, in place of what is live.
  func release(
    to environment: DeploymentEnvironment = .online, path: String = "/hello", on database: some StatementRunner
  ) async throws {
    let (revision, deployment) = (ID<Deployment>.random(), ID<Deployment>.random())
    let tenant = provider.description
    try await database.execute(
      Query<Void>(
        "test.revision",
        """
        INSERT INTO revisions (tenant_id, id, group_id, version)
        VALUES (\(tenant), \(revision.description), \(group.description), \(revision.description))
        """))
    try await database.execute(
      Query<Void>(
        "test.api",
        """
        INSERT INTO revision_apis (tenant_id, revision_id, api_id, name, method, path, match)
        VALUES (\(tenant), \(revision.description), \(ID<API>.random().description), 'Hello', 'GET', \(path), 'exact')
        """))
    try await takeOffline(environment, on: database)
    try await database.execute(
      Query<Void>(
        "test.deploy",
        """
        INSERT INTO deployments (tenant_id, id, group_id, revision_id, environment, backend_url)
        VALUES (\(tenant), \(deployment.description), \(group.description), \(revision.description),
          \(environment.rawValue), 'http://127.0.0.1:9000')
        """))
  }

  func takeOffline(_ environment: DeploymentEnvironment = .online, on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>(
        "test.offline",
        """
        UPDATE deployments SET ended_at = now()
        WHERE group_id = \(group.description) AND environment = \(environment.rawValue) AND ended_at IS NULL
        """))
  }

  func createKey(on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>(
        "test.key",
        """
        INSERT INTO subscription_keys (tenant_id, id, name)
        VALUES (\(caller.description), \(key.description), 'Key')
        """))
    try await createSecret(on: database)
  }

  func createSecret(on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>(
        "test.secret",
        """
        INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix)
        VALUES (\(caller.description), \(secretID.description), \(key.description), \(secret.digest.bytes), 'lk_')
        """))
  }

  func authorize(for environment: DeploymentEnvironment = .online, on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>(
        "test.authorize",
        """
        INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)
        VALUES (\(provider.description), \(authorization), \(caller.description), \(key.description))
        """))
    try await database.execute(
      Query<Void>(
        "test.authorize_target",
        """
        INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
        VALUES (\(provider.description), \(authorization), \(key.description), \(group.description),
          \(environment.rawValue))
        """))
  }

  func revoke(on database: some StatementRunner) async throws {
    try await database.execute(
      Query<Void>("test.revoke", "DELETE FROM authorizations WHERE tenant_id = \(provider.description)"))
  }
}

extension Installation {
  /// What becomes of a call of the key's.
  func decision(
    by snapshot: Snapshot, at now: UnixTime = UnixTime(microseconds: 1_750_000_000_000_000),
    environment: DeploymentEnvironment = .online, path: String = "/hello"
  ) throws -> Decision {
    let text = """
      GET /\(slug)/\(environment)/echo\(path) HTTP/1.1\r
      Host: gateway.example\r
      jdcloud-apim-subscription-key: \(secret.revealed)\r
      \r

      """
    let bytes = Array(text.utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    _ = try parser.parse(bytes.span, into: &head)
    return snapshot.decide(Call(head), head, in: bytes.span, at: now)
  }

  /// Why a call of the key's is refused; nil when it is not.
  func refusal(by snapshot: Snapshot, environment: DeploymentEnvironment = .online) throws -> Refusal? {
    guard case .refuse(let refusal, _, _) = try decision(by: snapshot, environment: environment) else { return nil }
    return refusal
  }
}
