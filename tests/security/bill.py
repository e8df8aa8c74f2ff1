"""`python -m tests.security.bill OUT`: what Färdplan is made of, as a CycloneDX 1.6 bill of materials.

Names, versions and hashes come from the lock of what runs, licences and who needs whom from the metadata of what
is installed. A component's hashes are those of every file of that version which the lock lets in (one a platform).
Where a package came from is not said: an installation has its own mirror.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.security import licences
from tests.security.locks import Pinned, pinned

OURS: Final = "fardplan"


def component(package: Pinned) -> Component:
    """A library that runs with us."""
    expression = licences.of(package).expression
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=(purl := PackageURL("pypi", name=package.name, version=package.version)),
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in package.hashes],
        licenses=[LicenseExpression(expression)] if expression else [],
    )


def needs(name: str, among: Mapping[str, object]) -> Iterator[str]:
    """The packages that one needs here and now, of those given; none where it is not installed."""
    try:
        written = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for line in written:
        asked = Requirement(line)
        other = canonicalize_name(asked.name)
        # What an extra asks for is there if something needs it; then that something names it.
        if other in among and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            yield other


def bill(run: Mapping[str, Pinned]) -> str:
    """The bill as JSON. The same lock gives the same serial number."""
    version = metadata.version(OURS)
    whole = Component(
        type=ComponentType.APPLICATION, name=OURS, version=version, bom_ref=f"{OURS}@{version}",
        licenses=[LicenseExpression("EUPL-1.2")],
    )  # fmt: skip
    parts = {name: component(package) for name, package in sorted(run.items())}
    made = Bom(components=parts.values(), serial_number=uuid5(NAMESPACE_OID, repr((version, sorted(run.items())))))
    made.metadata.component = whole
    for name, each in ((OURS, whole), *parts.items()):
        made.register_dependency(each, [parts[other] for other in sorted(set(needs(name, parts)))])
    return JsonV1Dot6(made).output_as_string(indent=2) + "\n"


def main() -> int:
    """Write the bill into a file, whose folder is made."""
    if len(sys.argv) != 2:
        print("name the file to write: python -m tests.security.bill OUT", file=sys.stderr)
        return 2
    run, out = pinned("run"), Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(bill(run), encoding="utf-8")
    print(f"{out}: {len(run)} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
