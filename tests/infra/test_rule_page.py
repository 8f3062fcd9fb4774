"""The page of the rule: all of EARNINGS.md, with links that lead somewhere on the site."""

import re

from infra.rule_page import RULE, anchor, rendered

WHOLE = rendered(RULE.read_text("utf-8"))


def test_every_link_leads_to_a_place_of_the_page_itself() -> None:
    ids = re.findall(r' id="([^"]+)"', WHOLE["html"])
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="([^"]+)"', WHOLE["html"]):
        assert target.removeprefix("#") in ids or target.startswith("https://"), target


def test_the_contents_are_the_files_headings_in_their_order() -> None:
    headings = re.findall(r"^## (.+)$", RULE.read_text("utf-8"), re.MULTILINE)
    assert [each["says"] for each in WHOLE["contents"]] == headings
    assert [each["anchor"] for each in WHOLE["contents"]] == list(map(anchor, headings))


def test_a_link_to_a_file_of_the_repository_is_its_words_alone() -> None:
    html = rendered("# T\n\nSee [the rules](chalicelib/earnings/rules/) and [below](#x).\n\n## x\n")["html"]
    assert "See the rules and" in html
    assert '<a href="#x">below</a>' in html


def test_tables_and_code_can_be_scrolled_by_keyboard_and_carry_no_style_of_their_own() -> None:
    html = rendered("# T\n\n| a | b |\n|---|---:|\n| c | 1 |\n\n```\ncode\n```\n")["html"]
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table 1">' in html
    assert '<th scope="col" class="n">b</th>' in html
    assert '<pre tabindex="0">' in html
    assert "style=" not in html


def test_markup_in_the_words_stays_words() -> None:
    assert "<b>" not in rendered("# T\n\nA <b>bold</b> word.\n")["html"]
