"""The mutants of the statements that the sources send, made of the very texts that the tests were seen to send."""

import collections
import re

from mutant import Mutant

TENANT = r"(?:\w+\.)?(?:subscriber_)?tenant_id\b"
VALUE = r"(?:\$\d+|" + TENANT + ")"
# A condition that compares a tenant's id.
CONDITION = re.compile(
    rf"\b{TENANT} = {VALUE}|\b[tp]\.id = {VALUE}|\b{TENANT} = \(SELECT [^()]*\([^()]*\)[^()]*\)")
# Of a tenant that is looked for by its id, in a statement about nothing else.
OWN = re.compile(r"(?<=WHERE )id = \$\d+")
# What compares it in any other way is to be looked at before anybody says that every condition was tried.
COMPARED = re.compile(rf"{TENANT}\)? *(?:=|<|>|IN\b|IS\b|<>|!=)|(?:=|<>|!=) *\(?{TENANT}")
# A keyset over all tenants, or their order, which is no tenant's.
ACROSS = re.compile(r"\(tenant_id, id\) > \(\$\d+, \$\d+\)|ORDER BY a\.tenant_id <> 'installation'")

NAMED = re.compile(r'\bQuery(?:<[^(]*>)?\(\s*"(\w+\.\w+)"')
COPIED = re.compile(r'CopyQuery\(\s*"(\w+\.\w+)",\s*(?:"""(.*?)"""|"([^"]*)")', re.DOTALL)


def squeezed(text):
    return " ".join(text.split())


class Statements:
    """The texts of statements by name, of all that tests sent those that are in the sources."""

    def __init__(self, folders):
        texts = [path.read_text() for folder in folders for path in sorted(folder.rglob("*.swift"))]
        self.names = {name for text in texts for name in NAMED.findall(text)}
        # Those that may have a condition on a tenant.
        self.conditional = {
            name for text in texts for name, rest in zip(NAMED.findall(text), NAMED.split(text)[2::2])
            if re.search(r"tenant_id|WHERE id = \\\(", rest)}
        self.copies = {}
        for text in texts:
            for name, block, line in COPIED.findall(text):
                self.copies[squeezed(f"COPY ({(block or line).strip()}) TO STDOUT (FORMAT binary)")] = name
        self.texts = collections.defaultdict(dict)

    def add(self, notes):
        """What one run of tests noted. Gives the texts of it that are the sources'."""
        found = set()
        for name, types, text in notes:
            base = ".".join(name.split(".")[:2]) if name else self.copies.get(squeezed(text))
            if base in self.names or base in self.copies.values():
                self.texts[base][text] = types
                found.add(text)
        return found

    def type_ids(self, text):
        """Of the parameters that a text was sent with."""
        return next(texts[text] for texts in self.texts.values() if text in texts).split()

    @property
    def unseen(self):
        return sorted((self.conditional | set(self.copies.values())) - set(self.texts))

    def mutants(self):
        for name in self.unseen:
            yield Mutant(f"statement {name}, which no test sends", statement=name)
        for name in sorted(self.texts):
            replaced = collections.defaultdict(dict)
            for text in self.texts[name]:
                for label, start, end in conditions(name, text):
                    replaced[label][text] = f"{text[:start]}({text[start:end]} OR true){text[end:]}"
            for label, pairs in replaced.items():
                yield Mutant(f"statement {name} without {label}", replaced=pairs, statement=name)


def conditions(name, text):
    """Each condition on a tenant: how it is called, and where it stands."""
    found = list(CONDITION.finditer(text))
    if re.search(r"(?:FROM|UPDATE) tenants\s", text):
        found += OWN.finditer(text)
    rest = list(text)
    counts = collections.Counter()
    for match in sorted(found, key=lambda match: match.start()):
        rest[match.start():match.end()] = " " * len(match[0])
        label = re.sub(r"\$\d+", "$", squeezed(match[0]))
        counts[label] += 1
        yield label + (f" ({counts[label]})" if counts[label] > 1 else ""), match.start(), match.end()
    left = COMPARED.search(ACROSS.sub("", "".join(rest)))
    if left:
        raise SystemExit(f"{name} compares a tenant in a way that is not understood: {left[0]}")


def refusals(server, statements, mutants):
    """Why the server does not take what is to be sent in place of something."""
    types = dict(server.rows("catalogue", "SELECT oid, format_type(oid, NULL) FROM pg_type"))
    for mutant in mutants:
        scripts = []
        for text, other in mutant.replaced.items():
            given = [types.get(oid, "unknown") for oid in statements.type_ids(text)]
            copied = re.fullmatch(r"COPY \((.*)\) TO STDOUT \(FORMAT binary\)", other, re.DOTALL)
            listed = f" ({', '.join(given)})" if given else ""
            scripts.append(f"PREPARE tried{listed} AS {copied[1] if copied else other};\nDEALLOCATE tried")
        refusal = scripts and server.refusal("catalogue", ";\n".join(scripts))
        if refusal:
            yield f"{mutant.name}: {refusal}"
