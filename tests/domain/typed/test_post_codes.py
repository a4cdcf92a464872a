"""The post code of a card: a ZIP, or that of another country as it is typed."""

from __future__ import annotations

import pytest

from paydesk.domain.typed.post_codes import is_foreign_post_code, is_us_zip

FOREIGN = """K1A 0B1|k1a0b1|M5V-3L9|SW1A 1AA|sw1a1aa|M1 1AE|EC1A 1BB|B33 8TH|CR2 6XH|D02 X285|A65F4E2|1012 AB
1012ab|C1425 DKA|VLT 1117|HM 12|00-950|1000-260|100-0001|AU 2000|AU2000|DE 10115|D-10115|CH-8001|CH 8001
F-75001|FR 75008|IN 110001|SG 018956|LV-1010|LT-01001|BR 01310-100|NZ 6011|AD500|BB11000|JP 100-0001
MX 06600|CA K1A 0B1|GB SW1A 1AA|UK SW1A1AA|IE D02 X285|NL-1012AB|AR C1425DKA|SE-113 51|SE 113 51|GR 105 57
CZ 110 00|IN 110 001|PL-00-950|PT 1000-260|BR 01310100|JP 1000001|CL 8320000|IL 6100000|IR 1193653471|KY1-1001
LC04 101|TKCA 1ZZ|AR 1425|TN 1000|MD-2001"""


@pytest.mark.parametrize("text", FOREIGN.replace("\n", "|").split("|"))
def test_codes_of_other_countries(text: str) -> None:
    assert is_foreign_post_code(text)
    assert not is_us_zip(text)


@pytest.mark.parametrize("text", ["14414", "14414-1234", "144141234", "14414 1234", " 02108 "])
def test_zips(text: str) -> None:
    assert is_us_zip(text)
    assert not is_foreign_post_code(text)


MISTAKES = """|1441|144145|14414-12|14414-123|K1A/0B1|ABCDE|A1B2C|٢١٠٨|0210B|O2108|1441l|MA 02108|NY14414
MA-02108|DE 19801|hello|HM|2000|110001|-|NY 1441|TX 7500|FL 331|MA-0210|DE 1980
US 02108|USA-02108|US 02108-1234|WA-98101|MA 0210B|SW1A 1|KY 40202|Dana Reyes|4111111111111111"""


@pytest.mark.parametrize("text", MISTAKES.replace("\n", "|").split("|"))
def test_mistakes_are_neither(text: str) -> None:
    assert not is_us_zip(text)
    assert not is_foreign_post_code(text)
