import NIOSSL

/// How certificates of backends are judged: by the system's authorities and the operator's.
enum BackendTLS {
  /// - Parameter authorities: Files of certificates in PEM form.
  static func context(authorities: [String]) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .fullVerification
    configuration.applicationProtocols = ["http/1.1"]
    for path in authorities {
      guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
        throw GatewayError.unreadableAuthorities(path: path)
      }
      configuration.additionalTrustRoots.append(.certificates(certificates))
    }
    return try NIOSSLContext(configuration: configuration)
  }
}
