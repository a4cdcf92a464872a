"""Names of businesses are told from names of people, so that the right consent is proposed."""

from __future__ import annotations

import pytest

from paydesk.domain.typed.business_names import is_business_name


@pytest.mark.parametrize(
    "name",
    [
        "Harborview Marine Services, Inc.",
        "Sample Bakery LLC",
        "Reyes Holdings, L.L.C.",
        "Pat Lee Corp",
        "Smith, Jones & Co.",
        "First Church of Boston",
        "St. Mary's Parish",
        "Sample Bakery",
        "Dana Reyes, P.A.",
        "Estate of Dana Reyes",
        "OAK STREET CONDOMINIUM TRUST",
        "Joe's Pizza",
        "Smith & Sons",
        "Zoë’s Café",
        "Grove Hall Market Group",
    ],
)
def test_a_business_is_known_by_its_name(name: str) -> None:
    assert is_business_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Dana Reyes",
        "Frank Church",
        "Jude Law",
        "Church, Frank",
        "Market, Ann Farm",
        "Dana & Pat Reyes",
        "Dana Q. Reyes Jr.",
        "Inc",
        "名前",
        "Lincoln Tradewell",
    ],
)
def test_a_person_is_not_taken_for_a_business(name: str) -> None:
    assert not is_business_name(name)
