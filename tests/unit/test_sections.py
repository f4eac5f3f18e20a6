"""Markers make sections; a broken marker is reported with its line."""

from pathlib import Path
from textwrap import dedent

import pytest
from collector.faults import FaultError
from collector.sections import read_library, read_module


def module(tmp_path: Path, text: str, name: str = "views.py") -> Path:
    path = tmp_path / "snippets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), "utf-8")
    return path


def test_section_is_what_stands_between_its_markers(tmp_path):
    path = module(
        tmp_path,
        '''
        """Doc."""

        # --8<-- [start:whole]
        import torch

        # --8<-- [start:whole-loop]
        for size in (1, 2):
            print(torch.ones(size))
        # --8<-- [end:whole-loop]
        # --8<-- [end:whole]
        ''',
    )
    sections = read_module(path, tmp_path).sections
    whole, part = sections["whole"], sections["whole-loop"]
    assert list(sections) == ["whole", "whole-loop"]
    assert whole.text.splitlines()[0] == "import torch"
    assert "8<" not in whole.text
    assert part.text == "for size in (1, 2):\n    print(torch.ones(size))"
    assert (whole.outermost, part.outermost) == ("whole", "whole")
    assert (whole.first, whole.last) == (4, 9)
    assert (whole.identity, whole.name) == ("views.py:whole", "snippets/views.py")


def test_excerpt_from_inside_a_block_is_dedented(tmp_path):
    text = """
        # --8<-- [start:whole]
        def double(x):
            # --8<-- [start:whole-body]
            y = x * 2
            return y
            # --8<-- [end:whole-body]
        # --8<-- [end:whole]
        """
    assert read_module(module(tmp_path, text), tmp_path).sections["whole-body"].text == (
        "y = x * 2\nreturn y"
    )


START, END = "# --8<-- [start:a]", "# --8<-- [end:a]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(f"{START}\nx = 1\n", ":1: section 'a' is never closed", id="unclosed"),
        pytest.param(f"x\n{END}\n", ":2: section 'a' ends here but starts nowhere", id="unopened"),
        pytest.param(
            f"{START}\nx = 1\n{END}\n{START}\nx = 2\n{END}\n",
            ":4: section 'a' is already at line 1",
            id="two of one name",
        ),
        pytest.param(
            f"{START}\nx = 1\n{START.replace('a]', 'b]')}\n{END}\n",
            ":4: section 'b' of line 3 must end before 'a'",
            id="crossed",
        ),
        pytest.param(
            f"{START}\n\n# only words\n{END}\n", ":1: section 'a' holds no code", id="empty"
        ),
        pytest.param(
            "# -8<- [start: a]\n", ":1: write '# --8<-- [start:slug]'", id="other dashes"
        ),
        pytest.param("# --8<-- [start:A]\n", ":1: write", id="capital"),
        pytest.param("# --8<-- [start:a] skip\n", ":1: write", id="words after it"),
        pytest.param(f"import os\n{START}\nx = 1\n{END}\n", ":1: code outside", id="code outside"),
        pytest.param(
            f"x = (\n{START}\nx = 1\n{END}\n", ":1: '(' was never closed", id="not Python"
        ),
    ],
)
def test_broken_markers_name_the_line(tmp_path, text, message):
    path = tmp_path / "snippets" / "views.py"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(FaultError) as caught:
        read_module(path, tmp_path)
    assert f"snippets/views.py{message}" in str(caught.value)


def test_one_broken_module_leaves_the_others_readable(tmp_path):
    module(tmp_path, f"{START}\nx = 1\n", "broken.py")
    module(tmp_path, f"{START}\nx = 1\n{END}\n", "whole.py")
    library = read_library(tmp_path)
    assert [s.identity for s in library.sections()] == ["whole.py:a"]
    assert str(library.faults["broken.py"]).startswith(
        "snippets/broken.py:1: section 'a' is never"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xef\xbb\xbfx = 1\n", "views.py:1: starts with a byte order mark"),
        (b"x = 1\n# caf\xe9\n", "views.py:2: is not UTF-8"),
    ],
)
def test_bytes_that_pages_would_show_otherwise_are_refused(tmp_path, content, message):
    path = module(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(FaultError, match=message):
        read_module(path, tmp_path)


def test_link_to_another_file_is_refused(tmp_path):
    target = module(tmp_path, f"{START}\nx = 1\n{END}\n", "target.txt")
    link = tmp_path / "snippets" / "views.py"
    link.symlink_to(target)
    with pytest.raises(FaultError, match="symbolic link"):
        read_module(link, tmp_path)
