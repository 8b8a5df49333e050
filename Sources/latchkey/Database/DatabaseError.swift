/// Why a process can't work with the database that it was given. The description is the one line for the operator.
enum DatabaseError: Error, CustomStringConvertible {
  case unreachable(String)
  /// The login of the connection string is not one that this command can use.
  case unsuitableLogin(name: String, reason: String)
  case outdatedSchema(found: Int, needed: Int)

  var description: String {
    switch self {
    case .unreachable(let reason):
      "LATCHKEY_DATABASE_URL: the database cannot be used: \(reason)"
    case .unsuitableLogin(let name, let reason):
      "LATCHKEY_DATABASE_URL: the login \(name) \(reason)"
    case .outdatedSchema(let found, let needed):
      "the database's schema is at migration \(found), this binary needs \(needed): run `latchkey migrate` as its owner"
    }
  }
}
