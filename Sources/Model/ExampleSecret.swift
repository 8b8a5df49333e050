/// What the secrets that documents show have in place of 256 random bits.
enum ExampleSecret {
  /// 43 digits of base62, as 32 bytes are written.
  static let digits = "0ExampleOfTheDocumentationNotARealSecretXXX"
}
