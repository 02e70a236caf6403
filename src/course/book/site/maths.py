"""Maths, typeset by KaTeX when the site is built (in QuickJS, so without Node and without a script for the reader).

The source is plain TeX: `\\label{name}` in a display equation numbers it, `\\eqref{name}` refers to it from any page.
"""

import functools
import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Mapping
from pathlib import Path

import quickjs  # type: ignore[import-untyped]

FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])</(?P=tag)>'
    r"(?P<close>(?:</span>)?)(?P<after>[.,;:?!)]*)",
    re.S,
)
LABEL = re.compile(r"\s*\\label\{([\w-]+)\}")
REFERENCE = re.compile(r"<(code|pre)\b.*?</\1>|\\eqref\{(?P<label>[\w-]+)\}", re.S)
LETTER = re.compile(r'<span class="mord mathnormal"(?P<style> style="[^"]*")?>(?P<letter>[xwyg])</span>')
MATHML = re.compile(r"<math\b.*?</math>", re.S)
ACCENTS = {"~": "\u0303", "ˉ": "\u0304", "¯": "\u0304", "^": "\u0302", "˙": "\u0307"}
RENDER = """function render(tex, display) {
  try { return "+" + katex.renderToString(tex, {displayMode: display, throwOnError: true, strict: "error"}) }
  catch (e) { return "-" + e.message }
}"""

Problem = Callable[[str], None]


@functools.cache
def renderer(script: Path) -> Callable[[str, bool], str]:
    """KaTeX's own `renderToString`, from the vendored file."""
    context = quickjs.Context()
    context.eval(script.read_text(encoding="utf-8"))
    context.eval(RENDER)
    render: Callable[[str, bool], str] = context.get("render")
    return render


@functools.cache
def typeset(script: Path, tex: str, display: bool = False) -> str:
    """One formula as HTML, its x, w, y and g in the book's colours; ValueError with KaTeX's words if it is wrong."""
    result = renderer(script)(tex, display)
    if result[0] == "-":
        raise ValueError(f"{result[1:]} in {tex!r}")
    return LETTER.sub(r'<span class="mord mathnormal means-\g<letter>"\g<style>>\g<letter></span>', result[1:])


def readable(katex: str) -> str:
    """The same formula as running text with <sub> and <sup>: what the search shows and a preview is called."""

    def close(script: str) -> str:
        return re.sub(r"\s+", "", script)

    def say(node: etree.Element) -> str:
        parts = [say(child) for child in node]
        match node.tag.rpartition("}")[2]:
            case "annotation":
                return ""
            case "mover" if parts[1] in ACCENTS:
                return parts[0] + ACCENTS[parts[1]]
            case "msub" | "munder":
                return f"{parts[0]}<sub>{close(parts[1])}</sub>"
            case "msup" | "mover":
                return f"{parts[0]}<sup>{close(parts[1])}</sup>"
            case "msubsup" | "munderover":
                return f"{parts[0]}<sub>{close(parts[1])}</sub><sup>{close(parts[2])}</sup>"
            case "mfrac":
                return "/".join(p if len(p) == 1 else f"({p})" for p in parts)
            case "msqrt":
                return f"√({''.join(parts)})"
            case "mtable":
                return "; ".join(parts)
            case "mtr" | "mlabeledtr":
                return ", ".join(p for p in parts if p.strip())
            case "mspace":
                return " "
            case "mo" if node.text in set("=≤≥<>≠≈∈→≔+−"):
                return f" {html.escape(node.text or '')} "
            case _:
                return html.escape(node.text or "") + "".join(parts)

    formulas = [say(etree.fromstring(m[0])) for m in MATHML.finditer(katex)]
    words = " ".join(formulas).replace("\u2061", " ").replace("\u200b", "")
    words = re.sub(r"(?:^|(?<=[(,=]))\s*([+−])\s", r"\1", words)  # a sign, not a sum
    return re.sub(r"\s+", " ", words).strip()


def joined(maths: str, close: str, after: str) -> str:
    """Keep the comma after a formula on the formula's line, inside its last unbreakable piece."""
    start, end = maths.rfind('<span class="katex-base">'), len(maths) - len("</span></span>")
    if not after or start < 0:
        return maths + close + after
    last = f'<span class="last">{maths[start:end]}<span class="after">{after}</span></span>'
    return maths[:start] + last + maths[end:] + close


def pieces(tex: str) -> list[str]:
    """A formula and its conditions, which \\qquad parts: side by side where there is room, else one under the other."""
    parts = tex.split(r"\qquad")
    whole = all(p.count("{") == p.count("}") and p.count(r"\begin") == p.count(r"\end") for p in parts)
    return parts if whole else [tex]


def set_formulas(
    content: str, script: Path, numbers: Mapping[str, str] | None, shelve: Callable[[str, str], str], problem: Problem
) -> tuple[str, dict[str, str]]:
    """Typeset every formula of a page; its text, and each label's formula for previews elsewhere.

    `numbers` gives each label its number; None is for a page whose equations have neither.
    """
    equations: dict[str, str] = {}

    def safely(tex: str, display: bool) -> str:
        try:
            return typeset(script, tex, display)
        except ValueError as error:
            problem(str(error))
            return f"<code>{html.escape(tex)}</code>"

    def formula(match: re.Match[str]) -> str:
        if match["inline"] is not None:
            maths = safely(html.unescape(match["inline"]), False)
            return shelve(joined(maths, match["close"], match["after"]), readable(maths) + match["after"])
        tex = html.unescape(match["display"])
        label = LABEL.search(tex)
        maths = "".join(safely(part.strip(), True) for part in pieces(LABEL.sub("", tex)))
        inside = shelve(f'<div class="equation-maths" tabindex="0">{maths}</div>', readable(maths) + " ")
        if not label or numbers is None or label[1] not in numbers:
            if label or numbers is not None:
                problem(f"a display equation without a known label: {tex!r}")
            return f'<div class="equation">{inside}</div>' + match["close"]
        equations[label[1]] = maths
        number = f'<a class="equation-number" href="#{label[1]}">({numbers[label[1]]})</a>'
        return f'<div class="equation" id="{label[1]}">{inside}{number}</div>' + match["close"]

    return FORMULA.sub(formula, content), equations


def refer(content: str, link: Callable[[str], str]) -> str:
    """Replace every \\eqref{label} outside code by `link(label)`."""
    return REFERENCE.sub(lambda m: link(m["label"]) if m["label"] else m[0], content)
