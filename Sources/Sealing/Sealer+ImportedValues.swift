package import Model

extension Sealer {
  /// What imported values are digested under, as the keys are now.
  package var importedValueKeys: ImportedValueKeys? {
    ImportedValueKeys(subkeys(for: .importedValues).map { ImportedValueKeys.Key(version: $0.version, key: $0.key) })
  }
}
