/// What is wrong with what a person sent: every bad member, not the first alone.
package struct InvalidInput: Error, Hashable {
  /// One bad member.
  package struct Complaint: Hashable, Sendable {
    /// An RFC 6901 pointer into the body, as in `/owner/email` (empty: the body itself), or `?` and a query parameter, or
    /// the name of a header.
    package let pointer: String
    /// What the member must be.
    package let detail: String

    package init(pointer: String, detail: String) {
      (self.pointer, self.detail) = (pointer, detail)
    }
  }

  package let complaints: [Complaint]

  package init(_ complaints: [Complaint]) {
    self.complaints = complaints
  }

  package init(_ pointer: String, _ detail: String) {
    complaints = [Complaint(pointer: pointer, detail: detail)]
  }
}
