"""The fonts: complete, licensed, and opened only when a character asks for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from paydesk.config.paths import resources
from paydesk.receipts.fonts import Weight, face, face_for
from paydesk.receipts.shaping import clean, set_line
from tests.receipts import samples

FONTS = resources() / "fonts"
SCRIPTS = (
    "Հայերեն ქართული አማርኛ ᏣᎳᎩ ᐃᓄᒃ বাংলা ਪੰਜਾਬੀ ગુજરાતી ଓଡ଼ିଆ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ລາວ မြန်မာ ខ្មែរ བོད "
    "ދިވެހި ߒߞߏ ᠮᠣᠩᠭᠣᠯ 𞤆𞤵𞤤𞤢𞤪 ܣܘܪܝܝܐ ⵜⴰⵎⴰⵣⵉⵖⵜ ∑ ★ ♫ ☎"
)


@pytest.mark.parametrize("name", [*samples.NAMES.values(), *SCRIPTS.split()])
def test_names_of_every_script_have_glyphs(name: str) -> None:
    for weight in Weight:
        runs = set_line(clean(name), weight).runs
        assert all(glyph.id != 0 for run in runs for glyph in run.glyphs)


def test_what_no_font_shows_is_an_empty_box_that_keeps_its_meaning() -> None:
    (run,) = set_line("\U00010380", Weight.REGULAR).runs  # Ugaritic
    assert [(glyph.id, glyph.text) for glyph in run.glyphs] == [(0, "\U00010380")]
    assert run.glyphs[0].advance > 0


def test_each_font_has_outlines_a_licence_and_a_line_in_the_readme() -> None:
    readme = (FONTS / "README.md").read_text(encoding="utf-8")
    for path in FONTS.glob("*.ttf"):
        assert {"glyf", "loca"} <= set(face(path.stem).face.table_tags)
        family = path.stem.split("-")[0]
        assert any(family.startswith(licence.stem.split("-")[0]) for licence in FONTS.glob("*-LICENSE.txt"))
        assert family in readme or "Script" in readme
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 20_000_000


def test_latin_greek_and_cyrillic_are_inter() -> None:
    for character in "aéŁőΩжЇ€·–“”":
        assert face_for(character, Weight.STRONG) is face("Inter-SemiBold")


def test_a_plain_receipt_opens_two_fonts_and_the_domain_none() -> None:
    script = (
        "import sys\n"
        "import paydesk.domain.receipt\n"
        "assert not {'reportlab', 'uharfbuzz', 'bidi'} & set(sys.modules)\n"
        "from paydesk.receipts import fonts\n"
        "from paydesk.receipts.pdf import render\n"
        "from tests.receipts import samples\n"
        "render(samples.payment())\n"
        "assert fonts.face.cache_info().currsize == 2, fonts.face.cache_info()\n"
        "assert 'bidi' not in sys.modules\n"
    )
    root = resources().parent
    paths = f"{root / 'src'}{';' if sys.platform == 'win32' else ':'}{root}"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root, env={"PYTHONPATH": paths})
