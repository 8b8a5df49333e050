package import Model

/// Where a sealed value belongs: of which tenant, at which entity, in which of its fields. It is sealed in with the
/// value, so that one that was moved to another row or column does not open.
package struct SealedPlace: Hashable, Sendable {
  private let tenant, entity, field: String

  package init<Entity>(tenant: ID<Tenant>, entity: ID<Entity>, field: String) {
    (self.tenant, self.entity, self.field) = (tenant.description, entity.description, field)
  }

  /// An entity whose id is only known as it is written in the database.
  package init(tenant: String, entity: String, field: String) {
    (self.tenant, self.entity, self.field) = (tenant, entity, field)
  }

  /// The headers by which a deployment's backend knows the gateway.
  package init(backendHeadersOf deployment: ID<Deployment>, in tenant: ID<Tenant>) {
    self.init(tenant: tenant, entity: deployment, field: "backendHeaders")
  }

  /// No two places have the same bytes: each part goes after its length.
  var bytes: [UInt8] {
    [tenant, entity, field].flatMap { part -> [UInt8] in
      let bytes = Array(part.utf8)
      return withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes
    }
  }
}
