"""LangChain's HuggingFaceEmbeddings and FAISS on a JSON file of texts, default settings.

`python langchain_ingest.py TEXTS.json MODEL_FOLDER` prints {"seconds": …}: embedding and index, without loading.
"""

import json
import sys
import time
from pathlib import Path

from langchain_community.vectorstores import FAISS  # type: ignore[import-not-found]  # only in its own environment
from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]  # likewise


def main() -> None:
    """Time one run."""
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    embeddings = HuggingFaceEmbeddings(model_name=sys.argv[2], model_kwargs={"device": "cpu"})
    FAISS.from_texts(["warm"], embeddings)
    started = time.perf_counter()
    store = FAISS.from_texts(texts, embeddings)
    seconds = time.perf_counter() - started
    if store.index.ntotal != len(texts):
        raise SystemExit(f"{store.index.ntotal} of {len(texts)} texts are in the index")
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
