from pathlib import Path

import yaml

from conformance.bbps.dimensions.limits import BEYOND, TEXT
from conformance.bbps.dimensions.payments import FIVE

CONTRACT = Path(__file__).parents[4] / "contracts" / "collection-services.yaml"


def test_texts_are_as_long_as_the_contract_allows() -> None:
    stated = yaml.safe_load(CONTRACT.read_text())["components"]["schemas"]["Payment"]["properties"]
    lengths = {name: each.longest for name, each in TEXT.values.items()}
    assert lengths == {name: stated[name]["maxLength"] for name in TEXT.values}


def test_texts_have_the_length_that_is_requested() -> None:
    made = {
        (name, beyond): len(each.of_length(each.longest + beyond))
        for name, each in TEXT.values.items()
        for beyond in BEYOND.values.values()
    }
    assert made == {(name, beyond): TEXT.values[name].longest + beyond for name, beyond in made}


def test_no_text_ends_or_begins_with_a_blank() -> None:
    texts = [each.of_length(each.longest) for each in TEXT.values.values()]
    assert [text for text in texts if text != text.strip()] == []


def test_each_text_belongs_to_one_of_the_five_modes() -> None:
    assert {each.mode for each in TEXT.values.values()} <= set(FIVE)
