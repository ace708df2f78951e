"""The picture of a helpline's menus: all that a caller hears is in it, and nothing stands over the rest."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agents_ui.texts import FLOW
from callcentre.configuration.model import Configuration
from callcentre.configuration.reading import read_configuration
from callcentre.drawing.lettering import width, wrapped
from callcentre.drawing.menus import draw_menus
from callcentre.drawing.panels import ENGLISH, Panels, Wording
from callcentre.drawing.placing import SIZES, Picture, Placed, arranged
from callcentre.menus import flows
from ivr.outline import outline
from routing.ids import HelplineId
from tests.unit.parts.site_folder import SHIPPED, SiteFolder

CITIZEN, KWA = HelplineId("citizen"), HelplineId("kwa")
WORDING = Wording(ENGLISH, FLOW)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


def crowded(site: SiteFolder) -> Configuration:
    """Five options that each lead to a menu of five, all with more to say than anybody would listen to."""
    long_ml = "മലിനജലം കവിഞ്ഞൊഴുകുന്ന സ്ഥലത്തെ പരാതികൾ അറിയിക്കാൻ " * 3
    kwa = (site.root / "helplines/kwa.toml").read_text(encoding="utf-8")
    kwa = kwa.replace("പൊതു പൈപ്പ് പൊട്ടിയതോ", long_ml + "പൊതു പൈപ്പ് പൊട്ടിയതോ")
    options = ""
    for place in range(1, 6):
        toml = kwa.replace('"kwa"', f'"water{place}"').replace("1916", f"210{place}")
        site.write(f"helplines/water{place}.toml", toml)
        options += f'[[menu]]\nhelpline = "water{place}"\n'
    citizen = (site.root / "helplines/citizen.toml").read_text(encoding="utf-8")
    before, _, after = citizen.partition("[[menu]]")
    site.write(
        "helplines/citizen.toml", before + options + "[[categories]]" + after.partition("[[categories]]")[2]
    )
    return site.read()


def picture(configuration: Configuration, helpline: HelplineId) -> Picture:
    flow = flows(configuration)[configuration.helplines[helpline].numbers[0]]
    return arranged(*Panels(configuration, WORDING).journey(helpline, outline(flow)))


def words(panel: Placed) -> str:
    return " ".join(written.line.words for written in panel.written)


def everything(found: Picture) -> str:
    return " ".join(map(words, found.panels))


def segments(found: Picture) -> list[list[tuple[tuple[float, float], tuple[float, float]]]]:
    return [list(pairwise(way)) for way in found.ways]


class TestWhatIsInIt:
    def test_the_way_of_a_caller_from_the_number_to_the_judgement(self) -> None:
        titles = [panel.written[0].line.words for panel in picture(read_configuration(SHIPPED), KWA).panels]
        assert titles == [
            "1916",
            "Language",
            "Recording notice, version 2026-1",
            "Menu",
            "Waiting for a person",
            "After the talk",
            "Menu: Kerala Water Authority",
        ]

    def test_every_option_in_english_and_in_the_sites_first_language_and_the_person_at_0(self) -> None:
        menu = picture(read_configuration(SHIPPED), KWA).panels[-1]
        assert [key.key for key in menu.keys] == ["1", "2", "3", "4", "5", "0"]
        for said in ("For no water, or low pressure", "വാട്ടർ ബില്ലിനെക്കുറിച്ച് അറിയാൻ", "Emergency"):
            assert said in words(menu)
        assert "three wrong keys: to a person of Kerala Water Authority" in words(menu)

    def test_menus_that_a_menu_leads_to(self) -> None:
        found = everything(picture(read_configuration(SHIPPED), CITIZEN))
        assert all(menu in found for menu in ("Menu: Food Safety", "Menu: Kerala Water Authority"))
        assert "For food poisoning" in found
        assert "A message becomes a ticket" in found

    def test_a_helpline_without_a_menu_a_notice_or_a_question_afterwards(self, site: SiteFolder) -> None:
        text = (site.root / "helplines/citizen.toml").read_text(encoding="utf-8")
        site.write("helplines/citizen.toml", text[: text.index("[[menu]]")] + text[text.index("[[cat") :])
        overrides = ("menus.notice_version=", "menus.rating=false", "menus.place_seconds=0")
        found = picture(site.read(*overrides), CITIZEN)
        titles = [panel.written[0].line.words for panel in found.panels]
        assert titles == ["155300", "Language", "Waiting for a person"]
        assert "every" not in everything(found)


class TestHowItStands:
    @pytest.fixture(params=["shipped", "crowded"])
    def found(self, request: pytest.FixtureRequest, site: SiteFolder) -> Picture:
        return picture(crowded(site) if request.param == "crowded" else site.read(), CITIZEN)

    def test_no_panel_over_another(self, found: Picture) -> None:
        for one, other in combinations(found.panels, 2):
            beside = one.right <= other.x or other.right <= one.x
            assert beside or one.bottom <= other.y or other.bottom <= one.y

    def test_all_words_within_their_panel_and_below_each_other(self, found: Picture) -> None:
        for panel in found.panels:
            for written in panel.written:
                assert panel.y < written.y < panel.bottom
                assert written.x + width(written.line.words, SIZES[written.line.style]) <= panel.right
            feet = [written.y for written in panel.written]
            assert all(later - earlier > 14 for earlier, later in pairwise(feet))

    def test_keys_below_each_other(self, found: Picture) -> None:
        for panel in found.panels:
            middles = [key.y for key in panel.keys]
            assert all(later - earlier > 24 for earlier, later in pairwise(middles))

    def test_no_way_through_a_panel_and_none_over_another(self, found: Picture) -> None:
        for way in segments(found):
            for (x1, y1), (x2, y2) in way:
                for panel in found.panels:
                    across = min(x1, x2) < panel.right and max(x1, x2) > panel.x
                    assert not (across and min(y1, y2) < panel.bottom and max(y1, y2) > panel.y)
        for one, other in combinations(segments(found), 2):
            assert not any(crossing(a, b) for a in one for b in other)

    def test_all_within_the_picture(self, found: Picture) -> None:
        assert all(panel.right < found.width and panel.bottom < found.height for panel in found.panels)


Segment = tuple[tuple[float, float], tuple[float, float]]


def crossing(one: Segment, other: Segment) -> bool:
    """Whether two level or upright lines meet."""
    (ax1, ay1), (ax2, ay2) = one
    (bx1, by1), (bx2, by2) = other
    wide = max(min(ax1, ax2), min(bx1, bx2)) <= min(max(ax1, ax2), max(bx1, bx2))
    return wide and max(min(ay1, ay2), min(by1, by2)) <= min(max(ay1, ay2), max(by1, by2))


class TestTheSvg:
    @pytest.mark.parametrize("helpline", ["citizen", "kwa", "food", "ration"])
    def test_is_well_formed_and_names_itself(self, helpline: str) -> None:
        drawn = draw_menus(read_configuration(SHIPPED), HelplineId(helpline), WORDING)
        root = ElementTree.fromstring(drawn)  # noqa: S314
        title = root.find(f"{SVG}title")
        assert root.tag == f"{SVG}svg"
        assert title is not None
        assert title.text is not None
        assert title.text.startswith("What callers of ")
        assert root.get("aria-labelledby") == title.get("id")

    def test_needs_no_styles_of_its_own_which_the_consoles_pages_forbid(self) -> None:
        drawn = draw_menus(read_configuration(SHIPPED), CITIZEN, WORDING)
        assert "style" not in drawn
        assert "<script" not in drawn

    def test_what_is_configured_stays_text(self, site: SiteFolder) -> None:
        site.change("helplines/kwa.toml", '"For your water bill,"', "'</text><script>alert(1)</script>'")
        drawn = draw_menus(site.read(), KWA, WORDING)
        assert "<script" not in drawn
        assert "&lt;script&gt;" in drawn

    def test_each_words_language_is_marked(self) -> None:
        drawn = draw_menus(read_configuration(SHIPPED), KWA, WORDING)
        assert 'lang="ml">കേരള വാട്ടർ അതോറിറ്റി<' in drawn


class TestLettering:
    def test_signs_above_and_below_take_no_room(self) -> None:
        assert width("क", 10) == width("कु", 10)
        assert width("A", 10) > width("a", 10) > width(" ", 10)

    def test_words_break_between_words_and_a_long_one_stays_whole(self) -> None:
        assert list(wrapped("one two three", room=45, size=10)) == ["one two", "three"]
        assert list(wrapped("thiruvananthapuram", room=45, size=10)) == ["thiruvananthapuram"]
        assert list(wrapped("", room=45, size=10)) == []
