"""A handle is one person's, chosen once; who comes too late is offered others."""

import pytest

from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from chalicelib.people import service
from chalicelib.people.rules import handles
from tests.moments import NOON
from tests.people.builders import a_person, signed_in


@pytest.mark.parametrize("text", ["ann", "a-b-c", "a1", "1234", "@Maren", "x" * 30, " ann "])
def test_what_may_be_a_handle(text: str) -> None:
    if len(text.strip().removeprefix("@")) >= 3:
        assert handles.handle(text) == text.strip().removeprefix("@").lower()


@pytest.mark.parametrize(
    "text", ["", "ab", "x" * 31, "-ann", "ann-", "a--b", "an_n", "änn", "an n", "ann.b", "ann/b", "аnna"]
)
def test_what_may_not(text: str) -> None:
    with pytest.raises(Invalid, match="3 to 30 letters"):
        handles.handle(text)


@pytest.mark.parametrize("text", ["admin", "longhand", "API", "@settings", "www"])
def test_words_of_the_site_are_kept_for_it(text: str) -> None:
    with pytest.raises(Invalid, match="kept for the site"):
        handles.handle(text)


def test_offers_are_made_of_the_persons_name() -> None:
    assert handles.instead_of("saltings", "Maren Saltings")[:2] == ("maren-saltings", "m-saltings")
    assert handles.instead_of("scribe", "Maren Saltings")[2:4] == ("maren-scribe", "scribe-saltings")
    assert "maren-o-hara" in handles.instead_of("ohara", "Märén O’Hara")
    assert all(handles.is_handle(each) for each in handles.instead_of("x" * 30, "Ünïcödé 漢字"))


@pytest.mark.usefixtures("aws")
class TestTaking:
    def test_a_chosen_handle_finds_its_person(self) -> None:
        person_id = a_person("maren")
        assert service.person_by_handle("maren").id == person_id
        assert service.person_by_handle("@Maren").id == person_id

    def test_choosing_it_again_changes_nothing(self) -> None:
        person_id = a_person("maren")
        before = service.person(person_id)
        assert service.take_handle("maren", person_id, at=NOON) == before

    def test_a_taken_one_is_refused_and_free_ones_are_named(self) -> None:
        a_person("saltings", name="Somebody Else")
        late = a_person(name="Maren Saltings")
        with pytest.raises(Conflict, match=r"@saltings is taken\. @maren-saltings, .* are free") as refusal:
            service.take_handle("saltings", late, at=NOON)
        assert isinstance(refusal.value.known, dict)
        for free in refusal.value.known["free"]:
            with pytest.raises(NotFound):
                service.person_by_handle(free)

    def test_offers_leave_out_what_is_taken_too(self) -> None:
        a_person("saltings", name="Somebody")
        a_person("maren-saltings", name="Somebody")
        with pytest.raises(Conflict) as refusal:
            service.take_handle("saltings", a_person(), at=NOON)
        assert "@maren-saltings" not in refusal.value.message

    def test_a_handle_stays_as_it_is(self) -> None:
        person_id = a_person("maren")
        with pytest.raises(Conflict, match="You are @maren already"):
            service.take_handle("another", person_id, at=NOON)
        with pytest.raises(NotFound):
            service.person_by_handle("another")

    def test_nobody_is_found_under_what_is_no_handle(self) -> None:
        for text in ("", "..", "a/b", "x" * 40, "nobody-here"):
            with pytest.raises(NotFound):
                service.person_by_handle(text)

    def test_several_are_found_at_once_and_the_missing_left_out(self) -> None:
        first, second = a_person("maren"), signed_in().person_id
        found = service.people([first, second, first, "0" * 16])
        assert set(found) == {first, second}
        assert found[first].handle == "maren"
