import JSON

extension World {
    mutating func listProducts(_ call: Call) throws(Refusal) -> Answer {
        try page(\.products, Listing(key: ListKey(.product, of: call.workspace)), of: call)
    }

    mutating func getProduct(_ call: Call) throws(Refusal) -> Answer {
        show(\.products, try find(products, call.id(), for: call).id)
    }

    mutating func createProduct(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call) { body in
            (
                name: body.text("name", 2...64), package: body.text("package_id", 1...54),
                pin: body.nested("package_version_pin", Pin.init) ?? .latest,
                image: body.optionalText("custom_image", 0...2_048),
                description: body.optionalText("custom_description", 0...500),
                isPublished: body.has("marketplace") ? body.nested("marketplace") { $0.flag("published") } : nil
            )
        }
        let package = try referred(packages, body.package, by: "package_id", for: call)
        let version = pinnedVersion(body.pin.semver, of: package.id)
        if case .pinned(let semver) = body.pin, version == nil {
            throw .unprocessable("The package has no version \(semver).", at: ["body", "package_version_pin"])
        }
        let id = newID(.product)
        products.insert(
            ProductRecord(
                id: id, serial: tick(), workspace: call.workspace, name: body.name, package: package.id,
                pinnedSemver: body.pin.semver, defaultVersion: version?.id, customImage: body.image,
                customDescription: body.description, isPublished: body.isPublished, revision: tick(), createdAt: now,
                updatedAt: now))
        return show(
            \.products, id, status: 201, effects: [.init(kind: .product, id: id, change: "created")],
            replay: .product(id))
    }
}

/// Which version of a package is meant.
enum Pin {
    case latest
    case pinned(String)

    /// Reads `{kind: latest}` or `{kind: pinned, version}`.
    init(_ body: inout Fields) {
        let kind = body.word("kind", of: ["latest", "pinned"], isRequired: true)
        self = .latest
        if kind == "pinned" { self = .pinned(body.text("version", 1...128) { SemanticVersion($0) != nil }) }
    }

    /// The exact version; nil for the latest.
    var semver: String? { if case .pinned(let semver) = self { semver } else { nil } }
}
