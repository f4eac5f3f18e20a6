"""Output lines: where they may stand, when they match, how they are rewritten."""

from pathlib import Path

import pytest
from collector.faults import FaultError
from collector.outputs import differences, expected, matches, rewrite
from collector.sections import Section


def section(text: str, first: int = 1) -> Section:
    lines = tuple(text.strip("\n").split("\n"))
    return Section(Path("/p/snippets/views.py"), "snippets/views.py", "a", first, lines, "a")


@pytest.mark.parametrize(
    ("written", "printed", "same"),
    [
        ("tensor([1, 2])", "tensor([1, 2])", True),
        ("tensor([1, 2])", "tensor([1, 3])", False),
        ("True", "False", False),
        ("True", "1", False),
        ("a b", "a  b", False),
        ("0.6667", "0.6667", True),
        ("0.6668", "0.6667", False),
        ("0.67", "0.6667", True),
        ("0.66", "0.6667", False),
        ("1.5e-05", "1.52e-05", True),
        ("1.5e-05", "1.5e-04", False),
        ("tensor([1.])", "tensor([1.4])", False),
        ("tensor([0.50, 2])", "tensor([0.5000, 2])", True),
        ("torch 2.11.0", "torch 2.12.0", False),
        ("size 3", "size 3.0", False),
        ("got ... there", "got all the way there", True),
        ("got ...", "went", False),
        ("a\n...\nz", "a\nb\nc\nz", True),
        ("a\n...\nz", "a\nb\nc", False),
        ("one ... two", "one\ntwo", False),
        ("a", "a\nb", False),
        ("a\nb", "a", False),
        ("nan", "nan", True),
    ],
)
def test_what_an_output_line_matches(written, printed, same):
    assert matches(tuple(written.split("\n")), tuple(printed.split("\n"))) is same


def test_nothing_written_matches_only_nothing_printed():
    assert matches((), ())
    assert not matches((), ("",))
    assert not matches(("",), ())


def test_output_belongs_to_the_statement_above_it():
    text = """
for n in range(2):
    print(n)
# > 0
# > 1
print(
    "done",
)
#> done
print()
# >
"""
    outputs = expected(section(text, first=11))
    assert {last: output.lines for last, output in outputs.items()} == {
        12: ("0", "1"),
        17: ("done",),
        19: ("",),
    }


def test_text_in_a_string_is_no_output_line():
    text = 'text = """\n# > not printed\n"""\nprint(1)\n# > 1'
    assert [output.lines for output in expected(section(text)).values()] == [(), ("1",)]


def test_output_line_below_no_statement_is_refused():
    with pytest.raises(FaultError, match=r"snippets/views.py:6: output line below no statement"):
        expected(section("print(1)\n\n# > 1", first=4))


def test_difference_names_the_line_and_shows_both():
    (fault,) = differences(section("x = 1\nprint(x)\n# > 2", first=7), {8: "1\n"})
    assert str(fault).startswith("snippets/views.py:8: prints something else")
    assert "- 2" in fault.message
    assert "+ 1" in fault.message


@pytest.mark.parametrize(
    ("before", "printed", "after"),
    [
        ("print(1)", {1: "1\n"}, "print(1)\n# > 1"),
        ("print(1)\n# > 2\n# > 3\nx = 1", {1: "1\n"}, "print(1)\n# > 1\nx = 1"),
        ("print(1)\n# > 2", {1: ""}, "print(1)"),
        ("print(2/3)\n# > 0.67", {1: "0.6666\n"}, "print(2/3)\n# > 0.67"),
        ("print(p)\n# > at ... end", {1: "at 0x12 end\n"}, "print(p)\n# > at ... end"),
        ("print()\nx = 1", {1: "\n"}, "print()\n# >\nx = 1"),
        ("a()\nb()", {1: "1\n", 2: "2\n"}, "a()\n# > 1\nb()\n# > 2"),
        ("if x:\n    print(1)", {2: "1\n"}, "if x:\n    print(1)\n# > 1"),
    ],
)
def test_rewriting(before, printed, after):
    assert "\n".join(rewrite(section(before), printed)) == after
