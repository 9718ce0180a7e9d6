#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds the site that docs/site/build makes to what a reader and a search engine want of it.

Run by `make check`; skipped where mandoc or markdown-it is missing.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

SOURCE = Path(os.environ.get("srcdir") or Path(__file__).resolve().parents[2]).resolve()
# Elements that stay open, and those that fetch something or run.
EMPTY = {"meta", "link", "br", "hr", "img", "input", "col"}
ACTIVE = {"script", "img", "iframe", "object", "embed", "video", "audio", "style", "form"}


class Reader(HTMLParser):
    """What there is in one page."""

    def __init__(self, text):
        super().__init__()
        self.elements = Counter()
        self.ids = Counter()
        self.links = []
        self.fetched = []
        self.faults = []
        self.attributes = {}
        self.texts = Counter()
        self.description = ""
        self.open = []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"never closes {self.open}")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements[tag] += 1
        self.attributes.setdefault(tag, attributes)
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        if tag == "a":
            self.links.append(attributes["href"])
        if tag == "link":
            self.fetched.append(attributes["href"])
        if attributes.get("name") == "description":
            self.description = attributes["content"]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements[tag] += 1
        if tag not in EMPTY:
            self.faults.append(f"<{tag}/> on line {self.getpos()[0]} is left open by HTML")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> on line {self.getpos()[0]} closes nothing")

    def handle_data(self, data):
        for tag in self.open[-1:]:
            self.texts[tag] += len(data.strip())


def build(output, source=SOURCE):
    return subprocess.run(
        [source / "docs/site/build", source, output, "0.0"], capture_output=True, text=True, check=False
    )


def read(site):
    return {path.name: Reader(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}


def every_page_has_what_search_engines_show(site, pages):
    titles = Counter()
    descriptions = Counter()
    for name, page in pages.items():
        text = (site / name).read_text(encoding="utf-8")
        title = text.partition("<title>")[2].partition("</title>")[0]
        titles[title] += 1
        descriptions[page.description] += 1
        if not 10 <= len(title) <= 120:
            yield f"{name}: its title is '{title}'"
        if not 10 <= len(page.description) <= 160 or "<" in page.description:
            yield f"{name}: its description is '{page.description}'"
        if page.elements["h1"] != 1 or not page.texts["h1"]:
            yield f"{name}: has {page.elements['h1']} headings of level one"
        if page.attributes["html"].get("lang") != "en":
            yield f"{name}: tells no language"
    yield from (f"the title of {count} pages: '{title}'" for title, count in titles.items() if count > 1)
    yield from (f"the description of {count} pages: '{text}'" for text, count in descriptions.items() if count > 1)


def every_link_leads_somewhere(site, pages):
    for name, page in pages.items():
        for link in page.links:
            if link.startswith(("https://", "mailto:")):
                continue
            path, anchor = urldefrag(link)
            path = path or name
            if path not in pages:
                if not (site / path).is_file():
                    yield f"{name}: there is no {link}"
            elif anchor and not pages[path].ids[anchor]:
                yield f"{name}: {path} has no #{anchor}"


def every_source_has_a_page_and_every_page_leads_to_all(_site, pages):
    sources = {f"{path.stem}.html" for path in SOURCE.glob("docs/*.md")} - {"README.html"} | {"index.html"}
    sources |= {f"{path.name}.html" for path in SOURCE.glob("man/*.[1-8]")}
    yield from (f"there is no {name}" for name in sources - set(pages))
    for name, page in pages.items():
        if missed := set(pages) - set(page.links) - {name}:
            yield f"{name}: does not lead to {sorted(missed)}"


def pages_are_well_formed_and_fetch_a_style_sheet_alone(_site, pages):
    for name, page in pages.items():
        yield from (f"{name}: {fault}" for fault in page.faults)
        yield from (f"{name}: {count} times the id {text}" for text, count in page.ids.items() if count > 1)
        yield from (f"{name}: has <{tag}>" for tag in ACTIVE & set(page.elements))
        if page.fetched != ["style.css", "data:,"]:
            yield f"{name}: fetches {page.fetched}"


def manual_pages_lead_to_each_other(_site, pages):
    if "sendpass.conf.5.html" not in pages["sendpassd.8.html"].links:
        yield "sendpassd(8) does not lead to sendpass.conf(5)"
    if "sendpass.conf.5.html" not in pages["log.html"].links:
        yield "docs/log.md names sendpass.conf(5), and does not lead to it"


def copied(scratch):
    source = scratch / "source"
    for directory in ("docs", "man", "packaging", "examples"):
        shutil.copytree(SOURCE / directory, source / directory, dirs_exist_ok=True)
    for path in SOURCE.glob("*.md"):
        shutil.copy(path, source)
    for path in ("NEWS", "LICENSE"):
        shutil.copy(SOURCE / path, source)
    return source


def a_new_page_appears_by_itself_and_a_broken_link_is_told(scratch):
    source = copied(scratch)
    page = source / "docs/guide-anew.md"
    page.write_text("# A new guide\n\nWhat it is for.\n\n## `One` & two\n\n## Again\n\n## Again\n\n"
                    "[It](#one--two), [again](#again-1), [log](log.md#reasons)\n")
    run = build(scratch / "anew", source)
    index = scratch / "anew/index.html"
    if run.returncode or '<a href="guide-anew.html">A new guide</a>: What it is for.' not in index.read_text():
        yield f"the new page is not on the first one. {run.stderr}"
    else:
        yield from every_link_leads_somewhere(scratch / "anew", read(scratch / "anew"))
    page.write_text("# A new guide\n\nSee [that](nowhere.md).\n")
    run = build(scratch / "broken", source)
    if run.returncode != 1 or "docs/guide-anew.md:3: links to nowhere.md" not in run.stderr:
        yield f"status {run.returncode}: {run.stderr}"


def main():
    if not shutil.which("mandoc") or not importlib.util.find_spec("markdown_it"):
        print("skipped: mandoc or python3-markdown-it is missing")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        site = scratch / "site"
        run = build(site)
        if run.returncode:
            print(f"FAIL: the site is built\n{run.stderr}")
            return 1
        pages = read(site)
        for promise, found in [
            (check.__name__, list(check(site, pages)))
            for check in (
                every_page_has_what_search_engines_show,
                every_link_leads_somewhere,
                every_source_has_a_page_and_every_page_leads_to_all,
                pages_are_well_formed_and_fetch_a_style_sheet_alone,
                manual_pages_lead_to_each_other,
            )
        ] + [
            (
                a_new_page_appears_by_itself_and_a_broken_link_is_told.__name__,
                list(a_new_page_appears_by_itself_and_a_broken_link_is_told(scratch)),
            )
        ]:
            print(f"{'FAIL' if found else 'ok'}: {promise}")
            print("".join(f"  {fault}\n" for fault in found), end="")
            failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
