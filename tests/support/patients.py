"""Patients and staff as they really come: over the phone, the web chat, FHIR. Nothing is mocked."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import httpx
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32


@dataclass
class World:
    """A running Careline, from outside."""

    base_url: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base_url, timeout=90, trust_env=False)

    def settle(self) -> int:
        """Wait until nothing is pending; how much waits for something else."""
        answer = self.http.post("/sandbox/settle")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["waiting"])

    def reset(self) -> None:
        assert self.http.post("/sandbox/reset").status_code == 200

    def faults(self, **switches: str) -> None:
        assert self.http.post("/sandbox/faults", json=switches).status_code == 200

    def clock(self, **change: object) -> str:
        answer = self.http.post("/sandbox/clock", json=change)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["now"])

    def state(self) -> dict[str, Any]:
        read: dict[str, Any] = self.http.get("/sandbox/state").json()
        return read

    def pid_of(self, name: str) -> int:
        """A process that is up; one that answers already may be a moment from being listed so."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for process in self.http.get("/sandbox/processes").json()["processes"]:
                if process["name"] == name and process["state"] == "up":
                    return int(process["pid"])
            time.sleep(0.1)
        raise AssertionError(name)

    def wait_ready(self) -> None:
        """Wait for every process, as somebody who reloads the page would."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if self.http.get("/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        raise AssertionError("not ready")


@dataclass
class Phone:
    """A patient's phone in the sandbox."""

    world: World
    number: str
    seen: set[str] = field(default_factory=set)

    def texts(self, text: str) -> list[str]:
        """Send a text and return what came back once everything settled."""
        self.sends(text)
        self.world.settle()
        return self.new()

    def sends(self, text: str) -> str:
        answer = self.world.http.post(self._path, json={"text": text})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["sid"])

    def new(self) -> list[str]:
        """Texts to this phone that were not read yet, oldest first."""
        fresh = [each for each in self.thread() if each["sid"] not in self.seen]
        self.seen |= {each["sid"] for each in fresh}
        return [each["text"] for each in fresh if each["direction"] != "inbound"]

    def thread(self) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = self.world.http.get(self._path).json()["messages"]
        return read

    @property
    def _path(self) -> str:
        return f"/sandbox/phone/{quote(self.number)}/messages"


@dataclass
class Visitor:
    """Somebody on the clinic's site."""

    world: World
    token: str
    session: str
    position: int = 0
    resume: str = ""
    standing: str = "new"

    @classmethod
    def opens(cls, world: World, language: str = "en", *, resume: str | None = None) -> Self:
        """A page of the chat; with `resume` one that comes back."""
        wanted = {"clinic": "lakeside", "language": language, "resume": resume}
        answer = world.http.post("/chat/sessions", json=wanted)
        assert answer.status_code == 201, answer.text
        got = answer.json()
        return cls(
            world, got["token"], got["session"], resume=got["resume"], standing=got["standing"]
        )

    def says(self, text: str) -> list[dict[str, Any]]:
        """Send a message and return the answers once everything settled."""
        self.sends(text)
        self.world.settle()
        return self.new()

    def sends(self, text: str, id_: str | None = None) -> dict[str, Any]:
        body = {"id": id_ or str(uuid.uuid4()), "text": text}
        answer = self.world.http.post("/chat/messages", json=body, headers=self.auth)
        assert answer.status_code == 202, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def new(self) -> list[dict[str, Any]]:
        """Messages that were not read yet and are not the visitor's own."""
        path = f"/chat/messages?after={self.position}"
        messages = self.world.http.get(path, headers=self.auth).json()["messages"]
        if messages:
            self.position = messages[-1]["position"]
        return [each for each in messages if each["from"] != "patient"]

    def transcript(self) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = self.world.http.get(
            "/chat/messages?after=0", headers=self.auth
        ).json()["messages"]
        return read

    @property
    def auth(self) -> dict[str, str]:
        """What the page's requests carry."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class FhirClient:
    """A system at the clinic: the read-only inspector, or the hospital's staff."""

    world: World
    client: str = "sandbox-inspector"
    scope: str = "system/*.rs"

    def get(self, path: str) -> dict[str, Any]:
        answer = self.world.http.get(f"/fhir/{path}", headers=self._auth())
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def found(self, path: str) -> list[dict[str, Any]]:
        """The resources of a search's every page."""
        bundle = self.get(path)
        found = [entry["resource"] for entry in bundle.get("entry", [])]
        for link in bundle.get("link", []):
            if link["relation"] == "next":
                found += self.found(link["url"].split("/fhir/", 1)[1])
        return found

    def create(self, resource: dict[str, Any]) -> httpx.Response:
        return self.world.http.post(
            f"/fhir/{resource['resourceType']}", json=resource, headers=self._auth()
        )

    def update(self, resource: dict[str, Any]) -> None:
        """The next version of a resource, as it was read."""
        address = f"/fhir/{resource['resourceType']}/{resource['id']}"
        answer = self.world.http.put(address, json=resource, headers=self._auth())
        assert answer.status_code == 200, answer.text

    def patient(self, mrn: str) -> str:
        found = self.found(f"Patient?identifier=https://careline.example/mrn|{mrn}")
        return str(found[0]["id"])

    def _auth(self) -> dict[str, str]:
        answer = self.world.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.client,
                "client_secret": "sandbox",
                "scope": self.scope,
            },
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def inspector(world: World) -> FhirClient:
    return FhirClient(world)


def staff(world: World) -> FhirClient:
    return FhirClient(world, "sandbox-ehr", "system/*.cruds")


def signed_webhook(world: World, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A webhook's body and headers, signed as the provider signs."""
    url = f"{world.base_url}/webhooks/twilio/sms"
    signature = RequestValidator("sandbox").compute_signature(url, fields)
    body = str(httpx.QueryParams(fields)).encode()
    headers = {
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return body, headers


def sms_fields(sender: str, text: str, sid: str | None = None) -> dict[str, str]:
    sid = sid or "SM" + uuid.uuid4().hex
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": "+12125550199",
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }
