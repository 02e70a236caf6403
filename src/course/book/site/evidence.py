"""What makes a page trustworthy and its words clear: a mark beside each claim, the ledger's page, the tips."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Claim = Mapping[str, Any]
Ledger = Mapping[str, Any]
Words = Callable[[str], str]

KINDS = {
    "equation": "equations",
    "output": "outputs",
    "number": "numbers",
    "figure": "figures",
    "table": "tables",
    "exercise": "exercises",
    "snippet": "snippets",
    "block": "blocks",
}
SHOWN = ["equation", "output", "number", "figure", "exercise"]
MARKED = {  # where a claim's mark stands: what comes before it, what comes after it
    "equation": r'(<div class="equation" id="{0}">.*?</a>)(</div>)',
    "output": r'(<div class="[^"]*" id="{0}"[^>]*>.*?<span class="filename">Output)(</span>)',
    "block": r'(<div class="[^"]*" id="{0}"[^>]*>)()',
    "snippet": r'(<div class="[^"]*" id="{0}"[^>]*>)()',
    "figure": r'(<img[^>]* id="{0}".*?<figcaption>.*?)(</p>\s*</figcaption>)',
    "table": r'(<figure id="{0}">\s*<figcaption>.*?)(</p>)',
    "exercise": r'(<section[^>]* id="{0}".*?<span class="level[^>]*>[^<]*</span>)(</div>)',
}
ENTRY = re.compile(r'<h2 class="word"[^>]* id="(?P<id>[\w-]+)"[^>]*>(?P<name>.*?)<a class="headerlink.*?</h2>\s*<p>(?P<meaning>.*?)</p>', re.S)  # fmt: skip
TERM_LINK = re.compile(r'<a href="(?P<url>[^"]*glossary/#(?P<id>[\w-]+))">(?P<word>.*?)</a>')


def tip(link: str, ident: str, kind: str, words: str, hide: Words, label: str = "") -> str:
    """`link` with a tip that opens on hover and on focus; `hide` keeps the tip out of the search."""
    link = link.replace("<a ", f'<a aria-describedby="{ident}" ', 1)
    name = f' aria-label="{html.escape(label)}"' if label else ""
    slip = hide(f'<span class="tip" role="tooltip" id="{ident}"{name}>{words}</span>')
    return f'<span class="tipped {kind}">{link}{slip}</span>'


def sentence(words: str, maths: Words) -> str:
    """A check's words as a sentence in HTML: `code` and $maths$ as on any page."""
    pieces = re.split(r"(`[^`]+`|\$[^$]+\$)", words.strip())
    shown = [
        f"<code>{html.escape(p[1:-1])}</code>"
        if p[:1] == "`"
        else maths(p[1:-1])
        if p[:1] == "$"
        else html.escape(p)
        for p in pieces
        if p
    ]
    if shown and pieces[0]:
        shown[0] = shown[0][0].upper() + shown[0][1:]
    return "".join(shown) + ("" if words.rstrip()[-1:] in ".!?" else ".")


# --- the ledger ---------------------------------------------------------------------------------------------------


def row_id(page: str, ident: str) -> str:
    """The anchor of a claim's row on the ledger's page."""
    return f"{page.removesuffix('.md').replace('/', '-')}-{ident}"


def claims_of(ledger: Ledger, page: str) -> list[Claim]:
    """The claims of one page, in its order."""
    return next((list(p["claims"]) for p in ledger["pages"] if p["page"] == page), [])


def count(claims: Iterable[Claim]) -> Counter[str]:
    """How many claims there are of each kind."""
    return Counter(claim["kind"] for claim in claims)


def totals(ledger: Ledger) -> str:
    """The whole book in six figures, and the versions on which it held."""
    sums = count(claim for page in ledger["pages"] for claim in page["claims"])
    items = [(sums.total(), "claims"), *((sums[kind], KINDS[kind]) for kind in SHOWN)]
    cells = "".join(f"<div><dt>{label}</dt><dd>{n:,}</dd></div>" for n, label in items)
    return f'<dl class="totals">{cells}</dl><p class="totals-note">All of them checked, last with {versions(ledger)}.</p>'


def versions(ledger: Ledger) -> str:
    """The versions of the last complete run, in words."""
    names = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "skimage": "scikit-image", "torch": "PyTorch"}
    return ", ".join(f"{names.get(k.lower(), k)} {v}" for k, v in ledger["versions"].items())


def by_chapter(ledger: Ledger, url: Words) -> str:
    """One row a page: how many claims of each kind."""
    sums = [(page, count(page["claims"])) for page in ledger["pages"]]
    kinds = [kind for kind in KINDS if any(n[kind] for _, n in sums)]
    head = "".join(f'<th scope="col" class="count">{KINDS[kind].capitalize()}</th>' for kind in kinds)
    rows = "".join(
        f'<tr><th scope="row"><a href="{url(page["page"])}">{title(page)}</a></th>'
        + "".join(f'<td class="count">{n[kind] or "–"}</td>' for kind in kinds)
        + f'<td class="count">{n.total()}</td></tr>'
        for page, n in sums
    )
    top = f'<tr><th scope="col">Page</th>{head}<th scope="col" class="count">All</th></tr>'
    return f"<table><thead>{top}</thead><tbody>{rows}</tbody></table>"


def title(page: Mapping[str, Any]) -> str:
    """A page's number and title."""
    number = f"{page['chapter']}. " if page.get("chapter") else ""
    return number + html.escape(page["title"])


def claim_tables(ledger: Ledger, url: Words, maths: Words) -> str:
    """Every claim, chapter by chapter, as Markdown headings over HTML tables."""
    parts = []
    for page in ledger["pages"]:
        rows = "".join(
            f'<tr id="{row_id(page["page"], c["id"])}"><th scope="row"><a href="{url(page["page"])}#{c["id"]}">'
            f'{html.escape(c["name"]).replace(" ", "&nbsp;")}</a></th>'
            f'<td>{sentence(c["check"], maths)}</td><td class="how">{html.escape(c["how"])}</td></tr>'
            for c in page["claims"]
        )
        top = '<tr><th scope="col">Claim</th><th scope="col">Check</th><th scope="col">How</th></tr>'
        anchor = f" {{ #chapter-{page['chapter']} }}" if page.get("chapter") else ""
        parts.append(f'## {title(page)}{anchor}\n\n<table class="claim-table"><thead>{top}</thead><tbody>{rows}</tbody></table>\n')
    return "\n".join(parts)


def mark(content: str, claims: Iterable[Claim], row: Words, maths: Words, hide: Words) -> str:
    """Put a mark beside every claim of the page that stands by itself; a number has only its anchor."""
    for claim in claims:
        pattern = MARKED.get(claim["kind"])
        if pattern is None or (claim["kind"] == "block" and claim["how"] == "run"):
            continue
        ident = claim["id"]
        words = f"<b>{html.escape(claim['name'])}, checked.</b> {sentence(claim['check'], maths)}"
        name = html.escape(f"{claim['name']}: checked")
        seal = tip(f'<a href="{row(ident)}" aria-label="{name}"></a>', f"check-{ident}", "checked", words, hide)
        content = re.sub(
            pattern.format(re.escape(ident)), lambda m, seal=seal: m[1] + seal + m[2], content, count=1, flags=re.S
        )
    return content


# --- the glossary -------------------------------------------------------------------------------------------------


def entries(glossary: str) -> dict[str, str]:
    """Each word's tip, from the glossary's own page."""
    return {m["id"]: f"<b>{m['name'].strip()}</b><br>{m['meaning']}" for m in ENTRY.finditer(glossary)}


def explained(content: str, terms: Mapping[str, str], hide: Words) -> str:
    """Let every link to the glossary show its entry."""
    seen = iter(range(10_000))

    def term(match: re.Match[str]) -> str:
        if match["id"] not in terms:
            return match[0]
        link = f'<a class="term" href="{match["url"]}">{match["word"]}</a>'
        return tip(link, f"term-{next(seen)}", "word-tip", terms[match["id"]], hide)

    return TERM_LINK.sub(term, content)
