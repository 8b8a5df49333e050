extension String {
  /// The same for within a sentence: whatever marks of direction it holds turn nothing but itself (UAX #9).
  ///
  /// A name may be in a script that is written from right to left, or hold an override, behind which the rest of the line
  /// would be drawn backwards: somebody's name could so pass for another's. What holds nothing of the kind stays as it is.
  var isolated: String {
    guard unicodeScalars.contains(where: \.turnsDirection) else { return self }
    var (isolated, depth) = ("\u{2068}".unicodeScalars, 0)
    for scalar in unicodeScalars {
      switch scalar.value {
      case 0x2066...0x2068: depth += 1
      // One that ends nothing of the text's own would end what is put around it.
      case 0x2069 where depth == 0: continue
      case 0x2069: depth -= 1
      default: break
      }
      isolated.append(scalar)
    }
    isolated.append(contentsOf: repeatElement("\u{2069}", count: depth + 1))
    return String(isolated)
  }
}

extension Unicode.Scalar {
  /// Whether it is of a script from right to left, or a mark of direction.
  fileprivate var turnsDirection: Bool {
    switch value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
