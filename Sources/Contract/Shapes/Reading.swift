package import FoundationEssentials
import Model

/// The state of reading one body or query: where in it we are, and what was wrong so far.
package struct Reading {
  /// What is being read.
  package enum Source: Sendable {
    case body, query
  }

  /// The present, before which nothing may expire.
  package let now: Date
  let source: Source
  private static let maximumComplaints = 100

  private(set) var complaints: [InvalidInput.Complaint] = []
  private var pointer = ""

  package init(_ source: Source, now: Date) {
    (self.source, self.now) = (source, now)
  }

  /// Complains about the value that is being read. Gives `nil`, which is what the reader of a bad value returns.
  /// Of a body that is bad all over, the first hundred are told: an answer must not be larger than what asked for it.
  mutating func refuse<Value>(_ detail: String) -> Value? {
    if complaints.count < Self.maximumComplaints {
      complaints.append(InvalidInput.Complaint(pointer: pointer, detail: detail))
    }
    return nil
  }

  /// Reads something inside the value that is being read: a member, or an array's element by its index.
  mutating func descend<Result>(into name: String, _ read: (inout Reading) -> Result) -> Result {
    let outer = pointer
    defer { pointer = outer }
    switch source {
    case .query: pointer = "?" + name
    case .body: pointer += "/" + Self.escaped(name)
    }
    return read(&self)
  }

  /// Reads an element by itself: what is wrong with it is given back instead of complained about.
  mutating func judge<Element>(
    _ json: JSONValue, at name: String, by shape: Shape<Element>
  ) -> Result<Element, InvalidInput> {
    descend(into: name) { reading in
      var own = Reading(reading.source, now: reading.now)
      own.pointer = reading.pointer
      guard let element = shape.read(json, &own), own.complaints.isEmpty else {
        return .failure(InvalidInput(own.complaints))
      }
      return .success(element)
    }
  }

  /// RFC 6901 §3.
  private static func escaped(_ name: String) -> String {
    name.replacing("~", with: "~0").replacing("/", with: "~1")
  }
}
