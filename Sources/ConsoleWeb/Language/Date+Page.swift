import Foundation
import Model

extension Date {
  /// Within a sentence, to the minute, as in `2026-11-26 16:05 UTC`.
  var inUTC: String { String(RFC3339.string(self).prefix(16)).replacing("T", with: " ") + " UTC" }
}
