"""Letter templates: three placeholders, one condition, and nothing that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.content.letters import BadTemplate, read_template

SIGNED = "Yours,\n\n{% if line %}\n{{ line }}\n\n{% endif %}\n{{ name }}\n{{ country }}\n"


def test_a_letter_is_filled_with_name_country_and_line() -> None:
    filled = read_template(SIGNED, "es").fill(name="Ana Invented", country="DE", personal_line="A line.")
    assert filled == "Yours,\n\nA line.\n\nAna Invented\nAlemania"


def test_without_a_line_there_is_no_gap() -> None:
    assert (
        read_template(SIGNED, "en").fill(name="Ana", country="FI", personal_line=None)
        == "Yours,\n\nAna\nFinland"
    )


def test_an_unknown_country_code_stays_as_it_is() -> None:
    assert "QX" in read_template(SIGNED, "en").fill(name="Ana", country="QX", personal_line=None)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ name.__class__ }}",
        "{{ name['__class__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 'a'*10**8 }}",
        "{{ 10**10**10 }}",
        "{{ [name] * 9 }}",
        "{% for x in range(999999999) %}{{ x }}{% endfor %}",
        "{% for letter in name %}{{ letter }}{% endfor %}",
        "{{ name|upper }}",
        "{{ name|attr('x') }}",
        "{{ name.upper() }}",
        "{{ name() }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{ loop }}",
        "{% set name = 'x' %}",
        "{% include 'other' %}",
        "{% import 'other' as other %}",
        "{% extends 'other' %}",
        "{% macro letter() %}{% endmacro %}",
        "{% endmacro %}",
        "{% block x %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% call name() %}{% endcall %}",
        "{% with x = name %}{% endwith %}",
        "{% if name == 'x' %}x{% endif %}",
        "{% if name is defined %}x{% endif %}",
        "{{ name if line else country }}",
        "{{ name ~ country }}",
        "{{ -name }}",
        "{{ 'text' }}",
        "{{ name",
        "{% if line %}",
        "{% raw %}",
        "{# ",
        "{% nonsense %}",
        "{{ " + "(" * 5000 + "name" + ")" * 5000 + " }}",
        "{% if line %}" * 3000 + "{% endif %}" * 3000,
        "{% if line %}" * 150 + "{% endif %}" * 150,
    ],
)
def test_anything_else_in_a_template_is_refused_in_words(attack: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        read_template(f"{{{{ name }}}}\n{attack}", "en")
    assert str(caught.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Dear all\n{% if line %}\n{{ line }}\n{{ name }}", "line 2: {% if line %} has no {% endif %}"),
        ("{{ name }}\n{{ line }}\n{% endif %}", "line 3: {% endif %} has no {% if line %}"),
        ("Dear all\n{{ name }\n", "line 2: a placeholder stands between two { and two }, such as {{ name }}"),
        ("{{ name }}\n{% if line }\n", "line 2: {% if line %} has no {% endif %}"),
        (
            "{{ name }}\n{% sif line %}",
            "line 2: only {% if line %} and {% endif %} can stand between {% and %}",
        ),
        ("{{ your name }}", "line 1: a placeholder is written like {{ name }}, with nothing else"),
    ],
)
def test_a_mistake_in_a_placeholder_is_told_with_its_line_and_what_to_write(source: str, told: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        read_template(source, "en")
    assert str(caught.value).startswith(told)
    assert "tag" not in str(caught.value)


def test_a_letter_that_nobody_signs_is_refused() -> None:
    with pytest.raises(BadTemplate, match="not signed"):
        read_template("Yours faithfully,\n{{ country }}", "en")


@pytest.mark.parametrize(
    "typed", ["{{ country }}", "{% if line %}", "{{ name.__class__ }}", "<b>&amp;", "%s {0}"]
)
def test_what_a_person_typed_is_never_a_template(typed: str) -> None:
    filled = read_template(SIGNED, "en").fill(name="Ana", country="FI", personal_line=typed)
    assert typed in filled


@pytest.mark.parametrize("end", ["{", "%", "{ {", "%}", "}}", "#"])
def test_a_letter_may_end_in_a_sign_that_placeholders_are_made_of(end: str) -> None:
    assert (
        read_template("{{ name }} " + end, "en").fill(name="Ana", country="FI", personal_line=None)
        == f"Ana {end}"
    )


@given(name=st.text(min_size=1), line=st.text(min_size=1))
def test_what_a_person_typed_comes_out_as_it_went_in(name: str, line: str) -> None:
    template = read_template("-{{ name }}-{{ line }}-", "en")
    assert template.fill(name=name, country="FI", personal_line=line) == f"-{name}-{line}-"
