// What has an id but no value of its own here.

/// What a provider publishes and authorizes as one.
package enum APIGroup: Identified {
  package static var idPrefix: StaticString { "grp" }
}

/// One method and path of a group.
package enum API: Identified {
  package static var idPrefix: StaticString { "api" }
}

/// A revision released to an environment.
package enum Deployment: Identified {
  package static var idPrefix: StaticString { "dep" }
}
