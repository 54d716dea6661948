"""`pincite eval` as a person runs it, over a small set made here, with the real embedder and the real `answer()`."""

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scripted_server import Reply, Scripted, serving

from ui.cli import commands

TOWN = [
    ("Ferry", "The ferry to Lindholm leaves the old quay at 07:40 every morning. The crossing takes 35 minutes."),
    ("Museum", "Ada Berg founded the museum of clocks in 1912. Most visitors come in summer."),
    ("Bakery", "Otto Lund built the oven of the bakery on Mill Street. Rye bread is sold from six."),
]
ASKED: list[dict[str, Any]] = [
    {"question": "When does the ferry to Lindholm leave?", "answers": ["07:40"], "relevant": ["Ferry"],
     "evidence": [{"id": "Ferry", "sentences": [TOWN[0][1].split(". ")[0] + "."]}]},
    {"question": "Who founded the museum of clocks?", "answers": ["Ada Berg"], "relevant": ["Museum"]},
    {"question": "Who built the oven of the bakery?", "answers": ["Otto Lund"], "relevant": ["Bakery"]},
    {"question": "What is the capital of Mongolia?", "answers": [], "relevant": [], "answerable": False},
]  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("PINCITE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_set(tmp_path / "town", TOWN, ASKED)


def write_set(folder: Path, records: list[tuple[str, str]], asked: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    corpus = [{"id": title, "title": title, "text": text} for title, text in records]
    queries = [{"id": f"{number}", "answerable": True, **query} for number, query in enumerate(asked)]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    return folder


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands, ["eval", *map(str, arguments)], prog_name="pincite", catch_exceptions=False)


def figures(printed: str) -> dict[tuple[str, str], tuple[float, int]]:
    """By set and figure: the value and the number of questions; groups are left out."""
    rows = [line.split("\t") for line in printed.splitlines()]
    return {
        (name, figure): (float(value), int(number)) for name, group, figure, value, _, _, number in rows if not group
    }


def test_a_set_is_asked_and_every_figure_is_as_worked_out_by_hand(town: Path) -> None:
    done = evaluate(town)
    found = figures(done.stdout)

    assert done.exit_code == 0
    for way in ("lexical", "dense", "hybrid"):
        for score in ("nDCG@10", "recall@5", "all@5", "hit@1"):
            assert found["town", f"{way} {score}"] == (1, 3)
    for score in ("evidence hit@1", "evidence hit@3", "cited hit", "citation precision", "citation recall"):
        assert found["town", score] == (1, 3)
    assert found["town", "sentence recall"] == (1, 1)
    assert found["town", "refusal AUROC"] == (1, 4)
    assert found["town", "refusal precision"] == found["town", "refusal F1"] == (1, 4)
    assert found["town", "refusal recall"] == (1, 1)
    assert found["town", "false refusals"] == (0, 3)
    assert 1 <= found["town", "cited sentences"][0] <= 2
    assert 0 < found["town", "seconds median"][0] <= found["town", "seconds p95"][0]
    assert "asking town: 4 questions" in done.stderr


def test_another_sets_questions_are_refused_and_fewer_questions_may_be_asked(town: Path, tmp_path: Path) -> None:
    other = write_set(
        tmp_path / "whales",
        [("Whale", "The blue whale weighs up to 190 tonnes. It feeds on krill.")],
        [{"question": "How much does a blue whale weigh?", "answers": ["190 tonnes"], "relevant": ["Whale"]}] * 3,
    )
    found = figures(evaluate(town, other, "--questions", "2").stdout)

    assert found["town", "off topic refused"] == (1, 2)
    assert found["whales", "off topic refused"] == (1, 2)
    assert found["whales", "false refusals"] == (0, 2)


def test_the_report_holds_each_questions_scores_and_the_page_loads_nothing(town: Path, tmp_path: Path) -> None:
    table, page = tmp_path / "report.json", tmp_path / "report.html"
    assert evaluate(town, "--json", table, "--html", page).exit_code == 0
    [own] = json.loads(table.read_text(encoding="utf-8"))["sets"]
    html = page.read_text(encoding="utf-8")

    assert own["figures"]["hybrid nDCG@10"]["value"] == 1
    assert [question["refused"] for question in own["questions"]] == [False, False, False, True]
    assert own["questions"][0]["scores"]["sentence F1"] > 0.6
    assert html.count("<svg") > 10
    assert "nDCG@10" in html
    assert "1.000 <small>[1.000, 1.000]</small>" in html
    assert not re.findall(r"https?:|src=|href=|url\(|@import|<script", html)
    assert "prefers-color-scheme: dark" in html


def test_own_questions_are_asked_of_the_documents_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(TOWN[0][1] + "\n", encoding="utf-8")
    (tmp_path / "mine.jsonl").write_text(
        '{"question": "When does the ferry to Lindholm leave?", "answers": ["07:40"], "relevant": ["ferry.txt"],'
        ' "evidence": ["The ferry to Lindholm leaves the old quay at 07:40 every morning."]}\n'
        '{"question": "What is the capital of Mongolia?", "answerable": false}\n',
        encoding="utf-8",
    )
    found = figures(evaluate(tmp_path / "mine.jsonl", "--documents", tmp_path / "ferry.txt").stdout)

    assert found["mine", "hybrid hit@1"] == (1, 1)
    assert found["mine", "cited hit"] == (1, 1)
    assert found["mine", "sentence recall"] == (1, 1)
    assert found["mine", "refusal recall"] == (1, 1)


def test_what_cannot_be_read_or_written_is_one_line(town: Path, tmp_path: Path) -> None:
    missing = evaluate(tmp_path / "nothing")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr.startswith(f"pincite: {tmp_path}/nothing/corpus.jsonl.gz does not exist: an evaluation set")
    assert missing.stderr.count("\n") == 1

    (tmp_path / "mine.jsonl").write_text('{"question": "When?"}\nWhen?\n', encoding="utf-8")
    malformed = evaluate(tmp_path / "mine.jsonl", "--library", tmp_path / "library")
    assert malformed.exit_code == 1
    assert malformed.stderr.startswith(f"pincite: {tmp_path}/mine.jsonl, line 2: not JSON")

    unwritable = evaluate(town, "--html", tmp_path / "nowhere" / "report.html")
    assert unwritable.exit_code == 1
    assert "report.html cannot be written: name a file in a folder that exists" in unwritable.stderr


def prefer_the_bakery(request: Scripted) -> Reply:
    """Put what is said of the bakery first, whatever is asked."""
    scores = [float("Bakery" in document) for document in request.asked["documents"]]
    results = [{"index": place, "relevance_score": score} for place, score in enumerate(scores)]
    return 200, "application/json", [json.dumps({"results": results}).encode()]


def test_what_a_reranker_makes_of_the_ranking_is_reported(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(prefer_the_bakery) as (address, _):
        monkeypatch.setenv("PINCITE_RERANKER", address)
        result = evaluate(town)
    found = figures(result.stdout)
    assert found["town", "hybrid hit@1"] == (1.0, 3)
    assert found["town", "reranked hit@1"] == (pytest.approx(1 / 3, abs=1e-4), 3)
