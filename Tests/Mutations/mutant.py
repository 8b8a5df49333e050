"""One piece of what keeps tenants apart, taken away."""

import dataclasses


@dataclasses.dataclass
class Mutant:
    name: str
    # A script that breaks the database.
    script: str = ""
    # The texts that are sent in place of others.
    replaced: dict = dataclasses.field(default_factory=dict)
    # The name of the statement that has those texts.
    statement: str = ""

    @property
    def kind(self):
        return self.name.split()[0]
