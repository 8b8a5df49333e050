/// What a `NOTIFY` sent.
package struct PostgresNotification: Sendable, Hashable {
  package let channel: String
  package let payload: String
}
