"""Staff at the console as they really come: a browser's cookie, headers and forms."""

import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

import httpx

from api.staff import codes
from tests.support.patients import World

PASSWORD, SECRET = "sandbox-only", "JBSWY3DPEHPK3PXP"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
# Making one takes longer than a request.
TRUST = ssl.create_default_context()


@dataclass
class Browser:
    """What a browser sends to a page of ours: where it is from, and the cookies it was given."""

    base_url: str
    cookies: dict[str, str] = field(default_factory=dict, repr=False)

    def opened(self) -> httpx.Client:
        """A client for a `with`, also for a stream; it begins with the cookies of before."""
        return httpx.Client(
            base_url=self.base_url,
            headers={"Origin": self.base_url, "Sec-Fetch-Site": "same-origin"},
            cookies=self.cookies,
            timeout=90,
            trust_env=False,
            verify=TRUST,
        )

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, *, follow: bool = False
    ) -> httpx.Response:
        return self._send("GET", path, headers=headers or {}, follow=follow)

    def post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form."""
        return self._send("POST", path, headers=headers or {}, fields=fields)

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> httpx.Response:
        with self.opened() as client:
            answer = client.request(
                method, path, headers=headers, data=fields, follow_redirects=follow
            )
            self.cookies = dict(client.cookies)
        return answer


@dataclass
class Coordinator:
    """Somebody of the staff who is signed in. `csrf`: what every form of theirs carries."""

    world: World
    email: str
    browser: Browser
    csrf: str = field(default="", repr=False)

    # A code counts once for an account, so whoever is signed in stays so for the whole run.
    _signed_in: ClassVar[dict[tuple[str, str], "Coordinator"]] = {}
    _used: ClassVar[dict[tuple[str, str], set[int]]] = {}

    @classmethod
    def signs_in(cls, world: World, email: str) -> "Coordinator":
        """One session for an account and a run; a new one where it is over, as after a reset."""
        key = (world.base_url, email)
        found = cls._signed_in.get(key)
        if found is None or not found.is_in():
            found = cls._signed_in[key] = cls.anew(world, email)
        return found

    @classmethod
    def anew(cls, world: World, email: str) -> Self:
        """A session of its own, for whoever wants to end it."""
        mine = cls(world, email, Browser(world.base_url))
        used = cls._used.setdefault((world.base_url, email), set())
        for step in _steps(used):
            if mine._types(step):
                used.add(step)
                mine.csrf = mine._csrf()
                return mine
        raise AssertionError(email)  # every code of this half minute is used

    def is_in(self) -> bool:
        """Signed in and not locked."""
        sent_to = self.get("/console").headers.get("location", "")
        return not sent_to.startswith(("/console/login", "/console/locked"))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.browser.get(path, headers)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of a page."""
        return self.browser.post(path, {**fields, "csrf": self.csrf})

    def asks(self, path: str, **fields: str) -> httpx.Response:
        """Post as the page's script does."""
        headers = {"HX-Request": "true", "X-CSRF-Token": self.csrf}
        return self.browser.post(path, fields, headers)

    def _types(self, step: int) -> bool:
        form = {
            "email": self.email,
            "password": PASSWORD,
            "code": codes.code_at(SECRET, step),
            "next": "/console",
        }
        answer = self.browser.post("/console/login", form)
        return answer.status_code == 303

    def _csrf(self) -> str:
        page = self.browser.get("/console", follow=True)
        found = CSRF.search(page.text)
        assert found is not None, page.status_code
        return found[1]


def _steps(used: set[int]) -> list[int]:
    """The steps whose codes are taken now, unused ones first; after a reset used ones are too."""
    present = int(time.time()) // codes.STEP_S
    taken = (present - 1, present, present + 1)
    return sorted(taken, key=lambda step: (step in used, step))
