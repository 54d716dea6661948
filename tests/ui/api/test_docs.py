"""The API describes itself, to programs and to people, and loads nothing from anywhere."""

from html.parser import HTMLParser

from starlette.testclient import TestClient

PATHS = {"/v1/answer", "/v1/documents", "/v1/passages/{id}", "/v1/search"}


class Tags(HTMLParser):
    """Collects each element's name, and where links go."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids |= {value or "" for name, value in attrs if name == "id"}


def test_the_page_shows_every_path_and_every_link_leads_somewhere_on_it(client: TestClient) -> None:
    page = client.get("/docs")
    tags = Tags(page.text)

    assert set(client.get("/openapi.json").json()["paths"]) >= PATHS
    assert all(f" {path}</code>" in page.text for path in PATHS)
    assert {link.removeprefix("#") for link in tags.links} - tags.ids == {"/openapi.json"}


def test_the_page_has_no_script_and_may_load_nothing(client: TestClient) -> None:
    page = client.get("/docs")

    assert not Tags(page.text).names & {"script", "link", "img", "iframe"}
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_its_example_can_be_copied(client: TestClient) -> None:
    assert (
        "curl http://127.0.0.1:7860/v1/answer -H &quot;Content-Type: application/json&quot; "
        "-d &#x27;{&quot;question&quot;: &quot;What did Asif say about refugees?&quot;}&#x27;"
    ) in client.get("/docs").text
