"""The pages that links lead to, one of each kind."""
import html, re, urllib.error, urllib.request
from urllib.parse import urljoin, urlsplit

ID = re.compile(r"\b(ten|acc|pat|sub|sec|ssn|grp|api|rev|dep|aut|lim|dom)_[0-9a-z]{26}\b")


def kind(path):
    """A page's address without what tells one thing from another of its kind."""
    address = urlsplit(path)
    names = sorted(pair.split("=")[0] for pair in address.query.split("&") if pair)
    return re.sub(r"\b\d+\.\d+\.\d+\b|/(test|preview|online)\b|/\d+$", "/…", ID.sub("…", address.path)), tuple(names)


def name_of(path):
    """What a picture of a page is called."""
    return re.sub(r"[^a-z0-9]+", "-", ID.sub("one", path.lower())).strip("-") or "overview"


def page(installation, path, token, language="en"):
    """Status, fields and text of a page, as whoever has this session's token is shown it."""
    fields = {"Cookie": f"latchkey-session={token}", "Accept": "text/html", "Accept-Language": language}
    request = urllib.request.Request(f"http://{installation.console}{path}", headers=fields)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def found(installation, token, language="en"):
    """One address of each kind of page that links lead to, with the page's fields and text."""
    pages, kinds, waiting = {}, set(), ["/"]
    while waiting:
        path = waiting.pop(0)
        if kind(path) in kinds or "cursor=" in path or "done=" in path:
            continue
        status, fields, text = page(installation, path, token, language)
        assert status == 200, f"a link leads to {path}, which is answered {status}"
        kinds.add(kind(path))
        pages[path] = fields, text
        for link in re.findall(r'<a [^>]*?href="([^"]*)"', text):
            target = urljoin(path, html.unescape(link))
            if target.startswith("/") and not target.startswith("/assets/") and "#" not in target:
                waiting.append(target)
    return pages
