package import Store

extension Console {
  /// The same console, whose changes are this one's.
  package func acting(as actor: Actor) -> Console {
    var console = self
    console.store = store.acting(as: actor)
    return console
  }
}
