/// The id by which a body refers to something. One that is malformed refers to nothing, as one that is unknown does, so
/// that the two are answered alike.
package struct Reference<Entity: Identified>: Hashable, Sendable {
  /// As given.
  package let text: String
  /// `nil` for a text that is no id of this kind.
  package let id: ID<Entity>?

  package init(_ text: String) {
    (self.text, id) = (text, ID(text))
  }
}
