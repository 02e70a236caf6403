"""What makes a page trustworthy and its words clear: a mark beside each claim, the ledger's page, the tips."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Words = Callable[[str], str]

TOTALS = ["equation", "output", "number", "figure", "exercise"]
KINDS = ["equation", "output", "number", "figure", "table", "exercise", "snippet", "block"]
NAMES = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "torch": "PyTorch", "matplotlib": "Matplotlib"}
MARKED = {  # where a claim's mark stands: what comes before it, what comes after it
    "equation": r'(<div class="equation" id="{0}">.*?</a>)(</div>)',
    "output": r'(<div class="[^"]*" id="{0}"[^>]*>.*?<span class="filename">Output)(</span>)',
    "block": r'(<div class="[^"]*" id="{0}"[^>]*>)()',
    "snippet": r'(<div class="[^"]*" id="{0}"[^>]*>)()',
    "figure": r'(<img[^>]* id="{0}".*?<figcaption>.*?)(</p>\s*</figcaption>)',
    "table": r'(<figure id="{0}">\s*<figcaption>.*?)(</p>)',
    "exercise": r'(<section[^>]* id="{0}".*?<span class="level[^>]*>[^<]*</span>)(</div>)',
}
ENTRY = re.compile(
    r'<h2 class="word"[^>]* id="(?P<id>[\w-]+)"[^>]*>(?P<name>.*?)<a class="headerlink.*?</h2>'
    r"\s*<p>(?P<meaning>.*?)</p>",
    re.S,
)
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
    pieces[0] = pieces[0][:1].upper() + pieces[0][1:]
    marks: dict[str, Words] = {"`": lambda p: f"<code>{html.escape(p[1:-1])}</code>", "$": lambda p: maths(p[1:-1])}
    return "".join(marks.get(p[:1], html.escape)(p) for p in pieces) + ("" if words.rstrip()[-1:] in ".!?" else ".")


def told(claim: Mapping[str, Any], maths: Words) -> str:
    """What stands behind a claim: which check, what it was bound to, how many of its misprints were caught."""
    words = claim["check"] + (f" on {claim['draws']} draws" if claim.get("draws") else "")
    if bound := claim.get("bound"):
        words += ", with " + ", ".join(f"${tex}$ = `{code}`" for tex, code in bound)
    if misprints := claim.get("misprints"):
        words += "; {} of {} misprints of it were caught".format(*misprints)
    if reason := claim.get("reason"):
        words += f". Its TeX is not evaluated: {reason}"
    return sentence(words, maths)


def read_ledger(ledger: Mapping[str, Any], maths: Words) -> dict[str, Any]:
    """The ledger with all that its page shows: headings, counts, rows and words."""
    pages = [dict(page) for page in ledger["pages"]]
    for page in pages:
        page["stem"] = stem = page["page"].removesuffix(".md").replace("/", "-")
        page["claims"] = [c | {"row": f"{stem}-{c['id']}", "told": told(c, maths)} for c in page["claims"]]
        page["count"] = Counter(c["kind"] for c in page["claims"])
        page["heading"] = f"{page['chapter']}. {page['title']}" if page["chapter"] else page["title"]
    all_claims = [c for page in pages for c in page["claims"]]
    sums = Counter(c["kind"] for c in all_claims if c["how"] != "given")
    return {
        "pages": pages,
        "kinds": [kind for kind in KINDS if any(page["count"][kind] for page in pages)],
        "totals": [("claims", sums.total()), *((f"{kind}s", sums[kind]) for kind in TOTALS)],
        "given": len(all_claims) - sums.total(),
        "versions": ", ".join(f"{NAMES.get(k, k)} {v.partition('+')[0]}" for k, v in ledger["versions"].items()),
    }


def mark(
    content: str, claims: Iterable[Mapping[str, Any]], address: str, words: Callable[..., str], hide: Words
) -> str:
    """Put a mark beside every claim of the page that stands by itself; a number has only its anchor."""
    for claim in claims:
        pattern = MARKED.get(claim["kind"], "")
        link = f'<a href="{address}#{claim["row"]}" aria-label="{claim["name"]}: checked"></a>'
        seal = tip(link, f"check-{claim['id']}", "checked", words(claim), hide)
        if pattern:
            place = re.compile(pattern.format(re.escape(claim["id"])), re.S)
            content = place.sub(lambda m, seal=seal: m[1] + seal + m[2], content, count=1)  # type: ignore[misc]
    return content


def entries(glossary: str) -> dict[str, str]:
    """Each word's tip, from the glossary's own page."""
    return {m["id"]: f"<b>{m['name'].strip()}</b><br>{m['meaning']}" for m in ENTRY.finditer(glossary)}


def french(glossary: str) -> list[tuple[str, str, str]]:
    """The glossary's words in French, in alphabetical order, with the anchor and the English of each."""
    found = [(*reversed(m["name"].partition("<i")[::2]), m["id"]) for m in ENTRY.finditer(glossary)]
    words = [(fr.removeprefix(' lang="fr">').partition("<")[0], ident, english.strip()) for fr, english, ident in found]
    return sorted(words, key=lambda word: unicodedata.normalize("NFD", word[0]))


def explained(content: str, terms: Mapping[str, str], hide: Words) -> str:
    """Let every link to the glossary show its entry."""
    seen = iter(range(10_000))

    def term(match: re.Match[str]) -> str:
        if match["id"] not in terms:
            return match[0]
        link = f'<a class="term" href="{match["url"]}">{match["word"]}</a>'
        return tip(link, f"term-{next(seen)}", "word-tip", terms[match["id"]], hide)

    return TERM_LINK.sub(term, content)
