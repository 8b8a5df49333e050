import Model

/// Tenants by the number that they have in this process.
struct TenantTable: Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    let slug: SlugBytes
    let isActive: Bool

    /// Of a tenant that was only heard of.
    static let shut = Entry(slug: .none, isActive: false)
  }

  private var entries: NumberedTable<Entry>
  /// How many tenants have a number, which are those below it.
  var count: UInt32 { entries.count }

  init() { entries = NumberedTable() }

  /// A table of these tenants, each with its place as its number.
  init(_ tenants: [(id: UInt128, entry: Entry)]) { entries = NumberedTable(tenants) }

  /// All tenants in the order of their numbers.
  var all: [(id: UInt128, entry: Entry)] { entries.all }

  @inline(__always)
  subscript(number: UInt32) -> Entry { entries[number] }

  /// The number of a tenant, which is shut until it is ``set(_:)`` if it was never heard of.
  mutating func numbering(_ id: ID<Tenant>) -> UInt32 { entries.number(of: id.bits, unknown: .shut) }

  mutating func set(_ tenant: PublishedTenant) {
    entries.replace(numbering(tenant.id), with: Entry(slug: SlugBytes(tenant.slug), isActive: tenant.isActive))
  }

  /// Shuts a tenant. Its number stays its own, for what may still refer to it.
  mutating func shut(_ id: ID<Tenant>) {
    guard let number = entries.number(of: id.bits) else { return }
    entries.replace(number, with: Entry(slug: entries[number].slug, isActive: false))
  }
}
