"""A server whose model is busy until a file appears. Arguments: the model, that file, library, port."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from index.library import Library
from rag.generators.llama import LlamaGenerator
from rag.settings import load_settings
from ui.serve import serve


def hold(generator: LlamaGenerator, freed: Path) -> None:
    """Keep the model as a question would that is long in the answering."""
    with generator._turns.turn():
        while not freed.exists():
            time.sleep(0.05)


if __name__ == "__main__":
    model, freed, folder, port = sys.argv[1:]
    generator = LlamaGenerator(Path(model), max_tokens=40, threads=1)
    generator.warm()
    threading.Thread(target=hold, args=(generator, Path(freed)), daemon=True).start()
    with Library.open(Path(folder)) as library:
        library.add([Path("seeds")])
        serve(library, generator, replace(load_settings(), model=Path(model)), int(port), open_browser=False)
