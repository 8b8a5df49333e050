extension Shape {
  /// The same array, no two elements of which may be alike.
  ///
  /// - Parameter key: the same for elements that are alike.
  static func distinct<Element, Key: Hashable & SendableMetatype>(
    _ array: Shape<[Element]>, by key: @escaping @Sendable (Element) -> Key
  ) -> Shape where Value == [Element] {
    Shape(array.schema) { json, reading in
      guard let elements = array.read(json, &reading) else { return nil }
      var seen: Set<Key> = []
      let repeated = elements.indices.filter { !seen.insert(key(elements[$0])).inserted }
      for index in repeated {
        reading.descend(into: String(index)) { let _: Void? = $0.refuse("is given more than once") }
      }
      return repeated.isEmpty ? elements : nil
    } write: {
      array.write($0)
    }
  }
}
