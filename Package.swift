// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is built with: Swift 6 mode, warnings as errors, and the language's next defaults.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "latchkey",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .target(
      name: "Postgres",
      dependencies: [
        "CLibPQ",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestPostgres",
      dependencies: ["Postgres", .product(name: "Logging", package: "swift-log")],
      path: "Tests/TestPostgres",
      swiftSettings: strict),
    .testTarget(
      name: "PostgresTests",
      dependencies: [
        "Postgres", "TestPostgres",
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "EmbeddedPostgres",
      dependencies: [
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddedPostgresTests",
      dependencies: [
        "EmbeddedPostgres",
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "Telemetry",
      dependencies: [.product(name: "Metrics", package: "swift-metrics")],
      swiftSettings: strict),
    .testTarget(
      name: "TelemetryTests",
      dependencies: ["Telemetry", .product(name: "Metrics", package: "swift-metrics")],
      swiftSettings: strict),
    .target(name: "Framing", swiftSettings: strict),
    .testTarget(name: "FramingTests", dependencies: ["Framing"], swiftSettings: strict),
    .target(
      name: "FramingDifferential",
      dependencies: [
        "Framing",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/FramingDifferential",
      resources: [.copy("Corpus")],
      swiftSettings: strict),
    .executableTarget(
      name: "framing-fuzz",
      dependencies: [
        "FramingDifferential", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/framing-fuzz",
      swiftSettings: strict),
    .testTarget(name: "FramingDifferentialTests", dependencies: ["FramingDifferential"], swiftSettings: strict),
    .executableTarget(name: "embed-files", swiftSettings: strict),
    .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"]),
    .target(name: "Migrations", swiftSettings: strict, plugins: ["EmbedFiles"]),
    .target(
      name: "Model",
      dependencies: [.product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .testTarget(
      name: "ModelTests", dependencies: ["Model", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(
      name: "Sealing",
      dependencies: ["Model", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .testTarget(
      name: "SealingTests",
      dependencies: ["Model", "Sealing", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(name: "Contract", dependencies: ["Model"], swiftSettings: strict),
    .target(name: "Store", dependencies: ["Model", "Postgres", "Sealing"], swiftSettings: strict),
    .target(
      name: "Console",
      dependencies: [
        "Framing", "Model", "Routing", "Sealing", "Store",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "ConsoleAPI",
      dependencies: [
        "Console", "Contract", "Model", "Store",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "ConsoleWeb",
      dependencies: [
        "Console", "ConsoleAPI", "Contract", "Model", "Store",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      exclude: ["Resources"],
      swiftSettings: strict,
      plugins: ["EmbedFiles"]),
    .testTarget(
      name: "ConsoleAPITests",
      dependencies: [
        "Console", "ConsoleAPI", "Contract", "Migrations", "Model", "Postgres", "Sealing", "Store", "TestPostgres",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(name: "Metering", dependencies: ["Model"], swiftSettings: strict),
    .testTarget(name: "MeteringTests", dependencies: ["Metering", "Model"], swiftSettings: strict),
    .target(
      name: "Routing",
      dependencies: ["Framing", "Model"],
      swiftSettings: strict),
    .testTarget(
      name: "RoutingTests",
      dependencies: ["Framing", "Model", "Routing", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(
      name: "Gateway",
      dependencies: [
        "Framing", "Metering", "Model", "Routing", "Sealing",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestWire",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/TestWire",
      swiftSettings: strict),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Framing", "Gateway", "Metering", "Model", "Routing", "Sealing", "TestWire",
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "Node",
      dependencies: [
        "Metering", "Model", "Postgres", "Routing",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "NodeTests",
      dependencies: [
        "Console", "Framing", "Metering", "Migrations", "Model", "Node", "Postgres", "Routing", "Store", "TestPostgres",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "latchkey",
      dependencies: [
        "Console", "ConsoleAPI", "ConsoleWeb", "Contract", "EmbeddedPostgres", "Gateway", "Metering", "Migrations",
        "Model",
        "Node",
        "Postgres",
        "Routing", "Sealing", "Store", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Contract", "Model", "Postgres", "TestPostgres", "TestWire", "latchkey",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(name: "ContractTests", dependencies: ["Contract", "Model"], swiftSettings: strict),
    .testTarget(
      name: "ConsoleWebTests",
      dependencies: [
        "ConsoleAPI", "ConsoleWeb", "Contract", "Model",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(name: "ConsoleTests", dependencies: ["Console", "Model"], swiftSettings: strict),
  ]
)
