"""Our pages are served under a strict policy, and their files once."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.core import http
from api.messaging.clinic import Clinic, load_clinics
from api.web.lean import lean_script, lean_style
from api.web.pages import shared_router
from api.widget import loader, pages

ROOT = Path(__file__).resolve().parents[3]
CHAT_FILES = ("/w/1.js", "/w/static/chat.js", "/w/static/chat.css", "/w/shared/base.css")
MOST_BYTES = 10_000
# What comes only with the first question of a form.
FORM_FILES = ("/w/static/forms.js", "/w/static/forms.css")
MOST_FORM_BYTES = 2_500
# What comes with a one-time link only.
MOST_LINK_BYTES = 1_000
SITE = "https://clinic.example"


@pytest.fixture
def clinic() -> Clinic:
    return load_clinics(ROOT / "nlu_data" / "faq")["lakeside"]


@pytest.fixture
async def client(clinic: Clinic) -> AsyncIterator[httpx.AsyncClient]:
    async with _client_of(clinic) as client:
        yield client


@asynccontextmanager
async def _client_of(clinic: Clinic) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    http.install(app)
    app.include_router(shared_router())
    app.include_router(pages.router(clinic, sites=(SITE,)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
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


async def test_page_of_a_link_is_the_chat_that_nobody_frames_and_that_waits_for_its_script(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/f/lakeside?lang=es")
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert 'lang="es"' in answer.text
    chat, link = re.findall(r'<script type="module" src="([^"?]+)', answer.text)
    assert (chat, link) == ("/w/static/chat.js", "/w/static/link.js")
    assert 'data-link="true"' in answer.text
    assert "link.js" not in (await client.get("/c/lakeside")).text
    assert (await client.get("/f/elsewhere")).status_code == 404
    script = await client.get(link)
    assert int(script.headers["Content-Length"]) <= MOST_LINK_BYTES


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


@pytest.mark.parametrize(
    ("files", "most"), [(CHAT_FILES, MOST_BYTES), (FORM_FILES, MOST_FORM_BYTES)]
)
async def test_chat_is_light_enough_for_a_slow_phone(
    client: httpx.AsyncClient, files: tuple[str, ...], most: int
) -> None:
    answers = [await client.get(address) for address in files]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert sum(int(answer.headers["Content-Length"]) for answer in answers) <= most


async def test_page_names_what_draws_forms_and_does_not_load_it(client: httpx.AsyncClient) -> None:
    page = (await client.get("/c/lakeside")).text
    for kind, name in (("forms", "forms.js"), ("forms-look", "forms.css"), ("chat", "chat.js")):
        (address,) = re.findall(rf'data-{kind}="(/w/static/[^"]+)"', page)
        assert address.startswith(f"/w/static/{name}?v=")
        assert "immutable" in (await client.get(address)).headers["Cache-Control"]
    # The module asks for the page's own script under the very address that the page has it from.
    (script,) = re.findall(r'<script type="module" src="([^"]+)"', page)
    assert f'data-chat="{script}"' in page
    assert not re.search(r'(?:src|href)="[^"]*forms', page)


async def test_loader_is_served_for_other_origins_moving_and_pinned(
    client: httpx.AsyncClient,
) -> None:
    newest = list(loader.versions())[-1]
    moving = await client.get("/w/1.js")
    pinned = await client.get(f"/w/{newest}.js")
    assert moving.text == pinned.text
    assert "immutable" in pinned.headers["Cache-Control"]
    assert "immutable" not in moving.headers["Cache-Control"]
    assert pinned.headers["Access-Control-Allow-Origin"] == "*"
    assert (await client.get("/w/1.99.0.js")).status_code == 404


def test_published_loaders_are_never_changed_and_the_guide_pins_them() -> None:
    guide = (ROOT / "docs" / "widget.md").read_text("utf-8")
    for version, served in loader.versions().items():
        assert f"/w/{version}.js" in guide
        assert loader.integrity(served) in guide


@pytest.mark.parametrize(
    ("host", "known"), [(SITE, True), ("https://elsewhere.example", False), ("", False)]
)
async def test_page_speaks_only_with_sites_that_may_show_it(
    client: httpx.AsyncClient, host: str, *, known: bool
) -> None:
    answer = await client.get("/c/lakeside", params={"host": host})
    assert f'data-host="{SITE if known else ""}"' in answer.text
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {SITE}")


async def test_clinics_colour_number_and_logo_are_the_pages(clinic: Clinic) -> None:
    facts = clinic.facts.model_copy(update={"brand": "#7a1f5c", "emergency_number": "112"})
    logo = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    async with _client_of(replace(clinic, facts=facts, logo=logo)) as client:
        page = (await client.get("/c/lakeside")).text
        (address,) = re.findall(r'href="(/w/clinic/lakeside/brand\.css\?v=[0-9a-f]+)"', page)
        assert "#7a1f5c" in (await client.get(address)).text
    assert ">Call 112 now</a>" in page
    assert 'href="tel:112"' in page
    assert 'src="/w/clinic/lakeside/logo.svg?v=' in page


async def test_our_own_colour_costs_no_file(client: httpx.AsyncClient) -> None:
    assert "brand.css" not in (await client.get("/c/lakeside")).text


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("// a remark\n  act();\n\n", "act();"),
        ("let a = 1; // why\nb();", "let a = 1;\nb();"),
        ('const at = "http://one"; go(at);', 'const at = "http://one"; go(at);'),
        ('say("; //"); ', 'say("; //");'),
    ],
)
def test_script_is_served_without_remarks(written: str, served: str) -> None:
    assert lean_script(written) == served


def test_style_is_served_without_remarks() -> None:
    written = "/* calm */\na > b ,\nc::before {\n  color: red;\n  margin: 0 auto;\n}\n"
    assert lean_style(written) == "a > b,c::before{color:red;margin:0 auto}"


def test_language_that_lacks_a_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text('{"send": "Send", "call": "Call"}', "utf-8")
    (tmp_path / "es.json").write_text('{"send": "Enviar"}', "utf-8")
    with pytest.raises(ValueError, match="differ"):
        pages.load_words(tmp_path)
