"""Our pages are served under a strict policy, and their files once."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.core import http
from api.messaging.clinic import load_clinics
from api.web.pages import shared_router
from api.widget import pages

ROOT = Path(__file__).resolve().parents[3]
WIDGET, SHARED = (ROOT / "api" / folder / "static" for folder in ("widget", "web"))
CHAT_FILES = (WIDGET / "chat.js", WIDGET / "chat.css", SHARED / "base.css")
MOST_BYTES = 10_000


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    http.install(app)
    app.include_router(shared_router())
    app.include_router(pages.router(load_clinics(ROOT / "nlu_data" / "faq")["lakeside"]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic.example") as client:
        yield client


async def test_chat_page_allows_no_inline_code_and_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/c/lakeside")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not re.search(r"<style|style=|\son[a-z]+=|https?://", answer.text)
    code = [tag for tag in re.findall(r"<script[^>]*>", answer.text) if "src=" not in tag]
    assert code == ['<script type="application/json" id="words">']


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Call 911 now"),
        ("?lang=en", "Call 911 now"),
        ("?lang=es", "Llame al 911 ahora"),
        ("?lang=xx", "Call 911 now"),
    ],
)
async def test_chat_page_speaks_the_language_asked_for(
    client: httpx.AsyncClient, query: str, words: str
) -> None:
    page = (await client.get(f"/c/lakeside{query}")).text
    assert f">{words}</a>" in page
    assert 'href="tel:911"' in page


async def test_unknown_clinic_has_no_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/c/elsewhere")).status_code == 404


async def test_file_is_kept_for_ever_under_the_address_of_its_content(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/c/lakeside")).text
    (address,) = re.findall(r'src="(/w/static/chat\.js\?v=[0-9a-f]+)"', page)
    answer = await client.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    unversioned = await client.get("/w/static/chat.js")
    assert unversioned.headers["Cache-Control"] == "no-cache"
    again = await client.get(
        "/w/static/chat.js", headers={"If-None-Match": unversioned.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpages.py", "%2e%2e/pages.py"])
async def test_only_static_files_are_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/w/static/{name}")).status_code == 404


def test_chat_is_light_enough_for_a_slow_phone() -> None:
    weight = sum(len(gzip.compress(path.read_bytes(), 9)) for path in CHAT_FILES)
    assert weight <= MOST_BYTES


def test_language_that_lacks_a_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text('{"send": "Send", "call": "Call"}', "utf-8")
    (tmp_path / "es.json").write_text('{"send": "Enviar"}', "utf-8")
    with pytest.raises(ValueError, match="differ"):
        pages.load_words(tmp_path)
