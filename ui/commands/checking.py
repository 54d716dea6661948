"""`pincite eval · doctor`: how good the answers are, and whether all parts work."""

from contextlib import nullcontext
from pathlib import Path

import click

from ui.commands.opening import library_of, settings_of, typed_generator, typed_settings
from ui.commands.shell import PATH, library_option, model_option
from ui.terminal import one_line, say


@click.command("eval")
@click.argument("sets", metavar="SET…", nargs=-1, required=True, type=PATH)
@click.option("--questions", metavar="N", default=500, show_default=True, type=click.IntRange(min=1),
              help="Ask about so many questions of each set, evenly spread.")  # fmt: skip
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="What a file of questions is about.")
@click.option("--json", "json_file", metavar="FILE", type=PATH, help="Write all figures and each question's scores.")
@click.option("--html", "html_file", metavar="FILE", type=PATH, help="Write the figures as a page with plots.")
@library_option
@model_option
@click.pass_context
def evaluate(
    context: click.Context,
    sets: tuple[Path, ...],
    questions: int,
    documents: tuple[Path, ...],
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Measure how good answers are. SET is a folder with a corpus and questions, or a file of your own questions.

    \b
    A folder holds corpus.jsonl.gz and queries.jsonl.gz. A file holds one JSON object a line, with the field question
    and, where known, answers, relevant (documents), answerable and evidence (sentences word for word); it is about
    the library or --documents. Answers are quotations unless --model or --server is given.
    """
    from rag.evaluate.run import evaluate
    from rag.rerankers import open_reranker
    from ui.evaluation import check_writable, follow_steps, print_report, read_sets, write_json, write_page

    settings = settings_of(context)
    for file in (json_file, html_file):
        check_writable(file)
    is_about_library = any(path.is_file() for path in sets)
    with library_of(context, settings, documents) if is_about_library else nullcontext() as library:
        read = read_sets(sets, library, questions, settings.embedder)
        with follow_steps() as follow:
            generator, reranker = typed_generator(context, settings), open_reranker(settings.reranker)
            report = evaluate(read, generator, settings.embedder, follow, reranker)
    print_report(report)
    if json_file:
        write_json(report, json_file)
    if html_file:
        write_page(report, html_file)


@click.command()
@library_option
@model_option
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check that all parts work here, and show the settings in force. Exit code 1: something is broken."""
    from ui.doctor import examine

    checks = []
    for check in examine(typed_settings(context)):
        checks.append(check)
        say(f"{'ok     ' if check.works else 'BROKEN '} {check.name:<13} {one_line(check.finding)}")
    if not all(check.works for check in checks):
        context.exit(1)
